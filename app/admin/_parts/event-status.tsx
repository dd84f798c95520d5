import { Badge } from "#app/_ui/badge.tsx";
import type { EventStatus as Status } from "#lib/inbox/views.ts";
import { EVENT_WORDS } from "./words.ts";

export function EventStatus({ status }: { status: Status }) {
  const { word, tone } = EVENT_WORDS[status];
  return <Badge tone={tone}>{word}</Badge>;
}
