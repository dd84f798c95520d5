"use client";

import { useState } from "react";

/**
 * A style of the document's own. What a later answer brings is left out until the next full load: its
 * nonce is not this document's, and browsers would refuse it.
 */
export function AccentStyle({ css, nonce }: { css: string; nonce: string | undefined }) {
  const [first] = useState({ css, nonce });
  if (!first.css) return null;
  return (
    <style nonce={first.nonce} suppressHydrationWarning>
      {first.css}
    </style>
  );
}
