import { actionRequest, ask, type Reply } from "#tests/browser/asking.ts";

/** Somebody who is signed in, in a browser with scripts, as the app sees it: what is asked over HTTP. */
export type Visitor = {
  visit(path: string): Promise<Reply>;
  /** Presses a button of a page's form: what its press sends, and how. */
  press(path: string, page: Reply, button: string, typed?: Fields): Press;
};

export type Fields = Readonly<Record<string, string>>;
export type Press = () => Promise<Reply>;

export function visitorOf(url: string, cookie: string): Visitor {
  return {
    visit: (path) => ask(`${url}${path}`, { headers: { cookie } }),
    press: (path, page, button, typed = {}) => {
      const { action, fields } = formWith(page.body, button);
      const asked = actionRequest(action, { ...fields, ...typed }, { onlyForm: false });
      const headers = { ...asked.headers, origin: url, cookie };
      return () => ask(`${url}${path}`, { ...asked, headers });
    },
  };
}

/** The form that has a button, by the beginning of its words: the action behind it and its hidden fields. */
function formWith(html: string, button: string): { action: string; fields: Fields } {
  const forms = html.match(/<form\b.*?<\/form>/gs) ?? [];
  const form = forms.find((each) => buttonsOf(each).some((words) => words.startsWith(button)));
  if (!form) throw new Error(`There is no form with the button ${button}: ${wordsOf(html)}`);
  const inputs = [...form.matchAll(/<input type="hidden"[^>]*>/g)].map(([tag]) => tag);
  const hidden = inputs.map((tag) => [attribute(tag, "name"), attribute(tag, "value")] as const);
  const action = /"id":"(\w+)"/.exec(hidden.find(([name]) => /:0$/.test(name))?.[1] ?? "")?.[1];
  if (!action) throw new Error(`The form with the button ${button} leads to no action.`);
  return {
    action,
    fields: Object.fromEntries(hidden.filter(([name]) => !name.startsWith("$ACTION"))),
  };
}

function buttonsOf(form: string): string[] {
  return [...form.matchAll(/<button\b.*?<\/button>/gs)].map(([button]) => wordsOf(button));
}

/** What a page says, without its tags. */
function wordsOf(html: string): string {
  const body = html.replace(/<(script|style)\b.*?<\/\1>/gs, "").replace(/<!--.*?-->/gs, "");
  return body
    .replace(/<[^>]*>/g, "")
    .trim()
    .slice(0, 3_000);
}

function attribute(tag: string, name: string): string {
  const said = new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? "";
  return said
    .replaceAll("&quot;", '"')
    .replaceAll("&#x27;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}
