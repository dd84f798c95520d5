import { ChevronLeft, ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { ButtonLink } from "./button.tsx";

/** Newer and older pages of a long list; the addresses carry the place, so they can be shared. */
export function Pagination({
  newer,
  older,
  labels = { newer: "Newer", older: "Older" },
  summary,
}: {
  newer: string | null;
  older: string | null;
  /** For lists that time does not order. */
  labels?: { readonly newer: string; readonly older: string };
  summary?: ReactNode;
}) {
  if (!newer && !older && !summary) return null;
  return (
    <nav aria-label="Pages" className="flex flex-wrap items-center justify-between gap-3 px-4 py-3">
      <p className="text-sm text-muted">{summary}</p>
      <div className="ml-auto flex gap-2">
        {newer && (
          <ButtonLink href={newer} size="sm" rel="prev" icon={<ChevronLeft className="size-4" />}>
            {labels.newer}
          </ButtonLink>
        )}
        {older && (
          <ButtonLink href={older} size="sm" rel="next">
            {labels.older}
            <ChevronRight className="size-4" aria-hidden="true" />
          </ButtonLink>
        )}
      </div>
    </nav>
  );
}
