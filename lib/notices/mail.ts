import { createTransport, type NodemailerError, type SendMailOptions } from "nodemailer";
import { config } from "../config.ts";
import { AppError } from "../errors.ts";
import { SECOND } from "../time.ts";
import type { Rendered } from "./letter.ts";
import { keep } from "./mailbox.ts";

/** A mail as it leaves: one message to everybody it is for. */
export type Mail = Rendered & {
  /** Names this mail for good, so that a second copy would be recognised as one. */
  readonly id: string;
  readonly to: readonly string[];
  readonly replyTo: string | null;
};

/** Where mail goes: a mail server, the mailbox page of a machine that has none, or nowhere. */
export function mailRoute(): "smtp" | "mailbox" | "none" {
  const { smtpUrl, demo, production } = config();
  if (smtpUrl) return "smtp";
  return demo || !production ? "mailbox" : "none";
}

/**
 * Sends a mail. An AppError says that it surely did not leave, and its code whether waiting helps; any
 * other error leaves that open.
 */
export async function deliver(mail: Mail): Promise<void> {
  const message = messageOf(mail);
  switch (mailRoute()) {
    case "smtp":
      await sendBySmtp(message);
      return;
    case "mailbox":
      await keep(mail, await sourceOf(message));
      return;
    case "none":
      throw notConfigured();
  }
}

/** What to say where there is no mail server. */
export function notConfigured(): AppError {
  return new AppError(
    "not_configured",
    "Mail is not configured: set SMTP_URL (and MAIL_FROM) for the worker, then restart it.",
  );
}

/** The message as a file, for the mailbox and for tests. */
export async function sourceOf(message: SendMailOptions): Promise<Buffer> {
  const writer = createTransport({ streamTransport: true, buffer: true, newline: "windows" });
  const { message: source } = await writer.sendMail(message);
  if (!Buffer.isBuffer(source)) throw new Error("The mail writer answered with a stream.");
  return source;
}

/** Addresses are given as parts, never as text that a comma could turn into two. */
export function messageOf(mail: Mail): SendMailOptions {
  const { mailFrom } = config();
  return {
    from: mailFrom,
    to: mail.to.map(addressed),
    ...(mail.replyTo ? { replyTo: addressed(mail.replyTo) } : {}),
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    messageId: `<${mail.id}@${/@([\w.-]+)/.exec(mailFrom)?.[1] ?? "billhook.invalid"}>`,
    headers: { "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All" },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

function addressed(address: string): { name: string; address: string } {
  if (
    address.length > 254 ||
    !/^[^\s@<>(),;:"\\[\]\p{Cc}]+@[^\s@<>(),;:"\\[\]\p{Cc}]+$/u.test(address)
  ) {
    throw new AppError("invalid_input", "The mail has an address that is not one.");
  }
  return { name: "", address };
}

async function sendBySmtp(message: SendMailOptions): Promise<void> {
  const transport = createTransport({
    url: config().smtpUrl,
    connectionTimeout: 10 * SECOND,
    dnsTimeout: 10 * SECOND,
    greetingTimeout: 10 * SECOND,
    socketTimeout: 30 * SECOND,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    await transport.sendMail(message);
  } catch (cause) {
    throw translated(cause);
  } finally {
    transport.close();
  }
}

/** What a mail server's failure means. Only failures before the message was handed over are certain. */
export function translated(cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause;
  const error: NodemailerError = cause;
  const code = String(error.code ?? "");
  const said = error.response ?? error.message;
  if (OURS_TO_MEND.has(code) || (error.permanent && error.command === "MAIL FROM")) {
    return new AppError("not_configured", `The mail server does not take our mail: ${said}`, {
      cause,
    });
  }
  if (error.responseCode && error.permanent) {
    return new AppError("gateway_refused", `The mail server refused the mail: ${said}`, { cause });
  }
  const isBeforeMessage =
    error.responseCode !== undefined ||
    NEVER_CONNECTED.has(error.originalCode ?? code) ||
    (error.timeoutType !== undefined && error.timeoutType !== "SOCKET_TIMEOUT");
  if (!isBeforeMessage) return cause;
  return new AppError("gateway_unavailable", `The mail server is not available: ${said}`, {
    cause,
  });
}

const OURS_TO_MEND: ReadonlySet<string> = new Set([
  "EAUTH",
  "ENOAUTH",
  "EOAUTH2",
  "ETLS",
  "EREQUIRETLS",
  "ECONFIG",
]);

const NEVER_CONNECTED: ReadonlySet<string> = new Set([
  "EDNS",
  "EPROXY",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);
