import { notFound } from "next/navigation";
import { readKept } from "#lib/notices/mailbox.ts";
import { requireMailbox } from "../../access.ts";

/**
 * A mail's HTML, as a mail program shows it: with its own styles and nothing else. The policy's sandbox
 * keeps it from running scripts, sending forms and reading anything of this site.
 */
export async function GET(_request: Request, { params }: { params: Promise<{ id: string }> }) {
  await requireMailbox();
  const mail = await readKept((await params).id);
  if (!mail) notFound();
  return new Response(mail.html, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy":
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation",
      "cache-control": "private, no-store",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
    },
  });
}
