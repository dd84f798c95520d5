import { ButtonLink } from "#app/_ui/button.tsx";
import { ErrorNotice } from "#app/_ui/error-notice.tsx";

/** An address that names no page of a list: what to do instead. */
export function ListProblem({ problem, href }: { problem: string; href: string }) {
  return (
    <ErrorNotice
      title={problem}
      action={
        <ButtonLink href={href} size="sm">
          Start from the beginning
        </ButtonLink>
      }
    />
  );
}
