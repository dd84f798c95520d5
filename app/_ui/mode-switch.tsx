import { FlaskConical } from "lucide-react";
import Link from "next/link";

const CHOICE =
  "inline-flex min-h-7 items-center gap-1.5 rounded-[6px] px-2.5 text-xs font-medium whitespace-nowrap";
const CHOSEN = "bg-surface text-ink shadow-[0_0_0_1px_var(--color-line)]";
const CHOSEN_TEST = "bg-amber-soft text-amber shadow-[0_0_0_1px_var(--color-amber-line)]";
const OTHER = "text-muted hover:text-ink";

type Mode = "test" | "live";

/** Chooses whether test or live data is shown. By addresses, or by an action that gets `mode`. */
export function ModeSwitch({
  mode,
  ...how
}: { mode: Mode } & (
  | { hrefs: Readonly<Record<Mode, string>> }
  | { action: (data: FormData) => void | Promise<void> }
)) {
  const choices = (["test", "live"] as const).map((each) => {
    const current = each === mode;
    const look = `${CHOICE} ${current ? (each === "test" ? CHOSEN_TEST : CHOSEN) : OTHER}`;
    const face = (
      <>
        {each === "test" && <FlaskConical className="size-3.5" aria-hidden="true" />}
        {each === "test" ? "Test" : "Live"}
      </>
    );
    if ("hrefs" in how) {
      return (
        <Link
          key={each}
          href={how.hrefs[each]}
          aria-current={current || undefined}
          className={look}
        >
          {face}
        </Link>
      );
    }
    return (
      <button
        key={each}
        name="mode"
        value={each}
        aria-pressed={current}
        className={look}
        type="submit"
      >
        {face}
      </button>
    );
  });
  const box = "flex gap-0.5 rounded-md bg-sunken p-0.5";
  if ("action" in how) {
    return (
      <form action={how.action} aria-label="Data shown" className={box}>
        {choices}
      </form>
    );
  }
  return (
    <nav aria-label="Data shown" className={box}>
      {choices}
    </nav>
  );
}
