import { randomInt } from "node:crypto";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { parseArgs } from "node:util";
import { disconnect } from "#db/client.ts";
import { AppError } from "#lib/errors.ts";
import { createAdministrator } from "#lib/identity/administrators/commands.ts";
import { nameOfEmail } from "#lib/identity/rules.ts";

const HELP = `Makes an administrator, or gives somebody the role and a new password.

  npm run admin:create -- --email ana@acme.com [--name "Ana Ruiz"] [--generate]

Asks for the password; with --generate, or where nobody can be asked, makes one and prints it once.
DATABASE_URL must name the database.
`;

/** The way in, and the way back in, for whoever has a shell on the machine. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      email: { type: "string" },
      name: { type: "string" },
      generate: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help || !values.email) {
    process.stdout.write(HELP);
    return values.help ? 0 : 1;
  }
  const generated = values.generate || !process.stdin.isTTY ? generatePassword() : undefined;
  const password = generated ?? (await askPassword());
  const operator = {
    kind: "operator" as const,
    label: "command line",
    origin: { ip: null, userAgent: null },
  };
  const { isNew } = await createAdministrator(operator, {
    email: values.email,
    name: values.name ?? nameOfEmail(values.email),
    password,
  });
  const what = isNew ? "is an administrator now" : "has a new password and is an administrator";
  process.stdout.write(`${values.email} ${what}.\n`);
  if (generated) process.stdout.write(`Password: ${generated}\nIt is not shown again.\n`);
  return 0;
}

/** 20 letters and digits that cannot be taken for each other: 98 bits. */
function generatePassword(): string {
  const letters = "abcdefghjkmnpqrstuvwxyz23456789";
  const part = () => Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join("");
  return [part(), part(), part(), part()].join("-");
}

async function askPassword(): Promise<string> {
  process.stdout.write("Password (not shown): ");
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const prompt = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return await prompt.question("");
  } finally {
    prompt.close();
    process.stdout.write("\n");
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  const reasons = Object.entries(error.fields).map(([name, reason]) => `  ${name}: ${reason}`);
  process.stderr.write(`${[error.message, ...reasons].join("\n")}\n`);
  process.exitCode = 1;
} finally {
  await disconnect();
}
