import { cache } from "react";
import { productSettings } from "#lib/settings/views.ts";

/** What the operator chose, read once for all parts of a page. */
export const settings = cache(() => productSettings());
