import { Banner } from "#app/_ui/banner.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import { becauseIn, urlIn } from "#lib/billing/asking/answer.ts";
import type { CommandRow } from "#lib/billing/asking/kind.ts";
import { payingInWords } from "./ahead.tsx";
import { safeLink } from "./words.ts";

const TONES = {
  done: "success",
  open: "info",
  needs_person: "warning",
  refused: "danger",
  unknown: "warning",
} as const satisfies Record<CommandRow["status"], string>;

/** What became of what somebody asked for: in the words of the command, or that it is on its way. */
export function Outcome({ command, base }: { command: CommandRow; base: string }) {
  return (
    <div role="status">
      {command.status === "open" ? (
        <OnItsWay command={command} base={base} />
      ) : (
        <Banner
          tone={TONES[command.status]}
          title={command.sentence ?? "It is settled."}
          action={command.status === "needs_person" && <AtTheGateway command={command} />}
        />
      )}
    </div>
  );
}

/** The gateway has not answered yet. It is asked again by itself, so there is nothing to do but wait. */
export function OnItsWay({ command, base }: { command: CommandRow; base: string }) {
  return (
    <Banner
      tone="info"
      title="A change is on its way"
      action={
        <ButtonLink href={`${base}/billing?command=${command.id}`} size="sm">
          Look again
        </ButtonLink>
      }
    >
      The payment company has not answered yet. It is asked again by itself, and does it once.
    </Banner>
  );
}

function AtTheGateway({ command: { answer } }: { command: CommandRow }) {
  const href = safeLink(urlIn(answer));
  if (!href) return null;
  return (
    <ButtonLink href={href} external variant="primary">
      {payingInWords(becauseIn(answer))}
    </ButtonLink>
  );
}
