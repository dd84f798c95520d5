/** The mark: a billhook's blade, hooked forward, on its handle. */
export function Mark({ className = "size-6" }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={className} aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" className="fill-accent" />
      <path
        className="fill-white"
        d="M9 19.5V11c0-4.4 3.3-7 7.6-7 3.9 0 6.6 2.1 7.4 5.6.2.8-.7 1.3-1.3.8-2.9-2.2-6.2-.8-6.2 3.1v6z"
      />
      <path
        className="fill-white opacity-70"
        d="M9.5 21.5h6.5v5.25a1.75 1.75 0 0 1-1.75 1.75h-3a1.75 1.75 0 0 1-1.75-1.75z"
      />
    </svg>
  );
}

/** Mark and name together, for headers. An operator's own name stands beside its initial. */
export function Wordmark({ name = "Billhook" }: { name?: string }) {
  return (
    <span className="inline-flex min-w-0 items-center gap-2 font-semibold tracking-tight">
      {name === "Billhook" ? (
        <Mark className="size-7 shrink-0" />
      ) : (
        <span
          aria-hidden="true"
          className="grid size-7 shrink-0 place-items-center rounded-md bg-accent text-sm text-on-accent uppercase"
        >
          {Array.from(name.trim())[0]}
        </span>
      )}
      <span className="truncate">{name}</span>
    </span>
  );
}
