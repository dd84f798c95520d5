import { Announced } from "#app/_ui/announced.tsx";
import { Banner } from "#app/_ui/banner.tsx";
import { ButtonLink } from "#app/_ui/button.tsx";
import { becauseIn, urlIn } from "#lib/billing/asking/answer.ts";
import type { CommandRow } from "#lib/billing/asking/kind.ts";
import { payingInWords } from "./becoming.ts";
import { safeLink } from "./safe-link.ts";

const TONES = {
  done: "success",
  open: "info",
  needs_person: "warning",
  refused: "danger",
  unknown: "warning",
} as const satisfies Record<CommandRow["status"], string>;

type Props = {
  command: CommandRow;
  /** The page that shows what became of a command. */
  page: string;
};

/**
 * What became of what somebody asked for: in the words of the command, or that it is on its way. What
 * has to be paid is paid by those whose money it is.
 */
export function Outcome({ command, page, isPayer = true }: Props & { isPayer?: boolean }) {
  return (
    <Announced of={`${command.id} ${command.status}`}>
      {command.status === "open" ? (
        <OnItsWay command={command} page={page} />
      ) : (
        <Banner
          tone={TONES[command.status]}
          title={command.sentence ?? "It is settled."}
          action={
            isPayer && command.status === "needs_person" && <AtTheGateway command={command} />
          }
        >
          {!isPayer && command.status === "needs_person" && FOR_THE_PAYER}
        </Banner>
      )}
    </Announced>
  );
}

/** The gateway has not answered yet. It is asked again by itself, so there is nothing to do but wait. */
export function OnItsWay({ command, page }: Props) {
  return (
    <Banner
      tone="info"
      title="A change is on its way"
      action={
        <ButtonLink href={`${page}?command=${command.id}`} size="sm">
          Look again
        </ButtonLink>
      }
    >
      The payment company has not answered yet. It is asked again by itself, and does it once.
    </Banner>
  );
}

const FOR_THE_PAYER =
  "Nothing was changed. The organization’s owners see it on their billing page, with the way to pay.";

function AtTheGateway({ command: { answer } }: { command: CommandRow }) {
  const href = safeLink(urlIn(answer));
  if (!href) return null;
  return (
    <ButtonLink href={href} external variant="primary">
      {payingInWords(becauseIn(answer))}
    </ButtonLink>
  );
}
