import { AppError } from "#lib/errors.ts";

/** The members of a JSON body; throws `invalid_input` for anything but an object. */
export function members(body: unknown): Record<string, unknown> {
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return { ...body };
  throw new AppError("invalid_input", "Send a JSON object.");
}

/** A refusal whose fields are called as the API calls them: in snake_case. */
export function inSnakeCase(error: AppError): AppError {
  const fields = Object.entries(error.fields).map(([name, sentence]) => [
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    sentence,
  ]);
  return new AppError(error.code, error.message, {
    cause: error,
    fields: Object.fromEntries(fields),
    retryAfterSeconds: error.retryAfterSeconds,
  });
}
