import { healthOf } from "#lib/inbox/health.ts";

export const dynamic = "force-dynamic";

/** For load balancers and people: 200 when all is fine, else 503 with the reasons. */
export async function GET(request: Request): Promise<Response> {
  const part = new URL(request.url).searchParams.get("part") === "web" ? "web" : "all";
  const health = await healthOf(part);
  return Response.json(health, {
    status: health.ok ? 200 : 503,
    headers: { "cache-control": "no-store" },
  });
}
