import { type Context, Hono } from "hono";
import { html } from "hono/html";
import type { Box } from "../box.ts";
import { controlApi } from "../control/api.ts";
import { guard } from "../control/guard.ts";
import { doDeed, type Outcome, troubleOf } from "./control-deeds.ts";
import { people } from "./control-people.ts";
import { sale } from "./control-sale.ts";
import { settingsSections } from "./control-settings.ts";
import { time } from "./control-time.ts";
import { trafficSections } from "./control-traffic.ts";
import { type Html, page } from "./document.ts";
import { sentBy } from "./form.ts";
import { nothingHere } from "./nothing.ts";
import { notice } from "./pieces.ts";

type Told = Pick<Outcome, "said" | "trouble">;

const TITLES = {
  "/_sandbox": "Time and customers",
  "/_sandbox/traffic": "Webhooks and requests",
  "/_sandbox/settings": "Faults and state",
} as const;
type Path = keyof typeof TITLES;

/** The control page: plain forms over the control API. */
export function controlPages(box: Box): Hono {
  const api = controlApi(box);
  const app = new Hono();
  app.use(guard);
  for (const path of PATHS) {
    app.get(path.replace("/_sandbox", "") || "/", (context) => show(context, box, path, {}));
  }
  app.post("/do/restore", async (context) => {
    const { file } = await context.req.parseBody();
    const body = file instanceof File ? await file.text() : "";
    const answer = await api.request("/snapshot", { method: "POST", body });
    const trouble = await troubleOf(answer);
    const told = trouble === undefined ? { said: "The sandbox is as it was then." } : { trouble };
    return show(context, box, "/_sandbox/settings", told);
  });
  app.post("/do/:deed", async (context) => {
    const outcome = await doDeed(context.req.param("deed"), await sentBy(context), box, api);
    if (!outcome) return nothingHere(context, "There is no such form.");
    return show(context, box, pathOf(outcome.place.path), outcome);
  });
  return app;
}

const PATHS = ["/_sandbox", "/_sandbox/traffic", "/_sandbox/settings"] as const;

function pathOf(text: string): Path {
  return PATHS.find((path) => path === text) ?? "/_sandbox";
}

function show(context: Context, box: Box, path: Path, { said, trouble }: Told): Promise<Response> {
  box.tick();
  return page(
    context,
    { title: TITLES[path], shape: "wide" },
    html`<div class="stack loose">
      <div class="stack tight">
        <h1>${TITLES[path]}</h1>
        <nav class="sections" aria-label="Control">
          ${PATHS.map(
            (to) =>
              html`<a href="${to}" ${to === path ? html`aria-current="page"` : ""}>${TITLES[to]}</a>`,
          )}
        </nav>
      </div>
      ${said ? notice("good", said) : ""} ${trouble ? notice("bad", trouble) : ""}
      ${sectionsOf(box, path)}
    </div>`,
  );
}

function sectionsOf(box: Box, path: Path): Html {
  switch (path) {
    case "/_sandbox":
      return html`${time(box)} ${sale(box)} ${people(box)}`;
    case "/_sandbox/traffic":
      return trafficSections(box);
    case "/_sandbox/settings":
      return settingsSections(box);
  }
}
