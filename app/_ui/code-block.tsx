import { CopyButton } from "./copy-button.tsx";

/** Text for a machine: a command, a URL, headers. It scrolls inside its own box. */
export function CodeBlock({
  code,
  title,
  copy = true,
}: {
  code: string;
  title?: string;
  copy?: boolean;
}) {
  return (
    <figure data-box="" className="min-w-0 overflow-hidden rounded-md border border-line bg-sunken">
      {title && (
        <figcaption className="flex items-center justify-between gap-2 border-b border-line py-1 pr-1 pl-3 text-xs text-muted">
          {title}
          {copy && <CopyButton text={code} label={`Copy ${title.toLowerCase()}`} />}
        </figcaption>
      )}
      <div className="flex items-start">
        <pre
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard.
          tabIndex={0}
          className="min-w-0 flex-1 overflow-x-auto p-3 font-mono text-[0.8125rem] -outline-offset-2"
        >
          <code>{code}</code>
        </pre>
        {copy && !title && (
          <div className="shrink-0 p-1.5">
            <CopyButton text={code} />
          </div>
        )}
      </div>
    </figure>
  );
}
