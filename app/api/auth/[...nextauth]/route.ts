import type { NextRequest } from "next/server";
import nextAuth from "next-auth";
import { authOptions } from "#app/_server/auth.ts";
import { respond } from "#app/_server/respond.ts";
import { AppError } from "#lib/errors.ts";

type Context = { params: Promise<{ nextauth: string[] }> };

/** What we use of next-auth. Its log endpoint would let anybody write into our log. */
const OPEN: Readonly<Record<string, readonly string[]>> = {
  GET: ["csrf", "error", "providers", "session", "signin", "signout"],
  POST: ["callback", "signin", "signout"],
};

function handle(request: NextRequest, context: Context) {
  return respond(request, async (): Promise<Response> => {
    const [action = ""] = (await context.params).nextauth;
    if (!OPEN[request.method]?.includes(action)) {
      throw new AppError("not_found", "There is nothing here.");
    }
    try {
      return await nextAuth(authOptions())(request, context);
    } catch (cause) {
      // It reads the body by what its header says, and throws where it is something else.
      if (!(cause instanceof SyntaxError)) throw cause;
      throw new AppError("invalid_input", "The body is not what its header says.", { cause });
    }
  });
}

export { handle as GET, handle as POST };
