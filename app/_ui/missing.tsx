import { SearchX } from "lucide-react";
import { ButtonLink } from "./button.tsx";
import { Empty } from "./empty.tsx";
import { PageHeader } from "./page-header.tsx";
import { Card } from "./section.tsx";

/** Nothing at this address, inside a frame: for an area's own `not-found.tsx`. */
export function Missing({ backHref, backLabel }: { backHref: string; backLabel: string }) {
  return (
    <>
      <PageHeader title="Not found" />
      <Card>
        <Empty
          icon={<SearchX />}
          title="There is nothing at this address"
          action={<ButtonLink href={backHref}>{backLabel}</ButtonLink>}
        >
          It may be mistyped, belong to the other mode, or be something that your account cannot
          see.
        </Empty>
      </Card>
    </>
  );
}
