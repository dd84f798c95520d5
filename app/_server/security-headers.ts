import { nosecone } from "nosecone";

/** What browsers are told about every page: which scripts may run, and that nobody may frame it. */
export function securityHeaders(about: {
  nonce: string;
  development: boolean;
  https: boolean;
}): Headers {
  const nonce = `'nonce-${about.nonce}'` as const;
  return nosecone({
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'self'"],
        // React's development build evaluates strings to show where an error came from.
        scriptSrc: [nonce, "'strict-dynamic'", ...(about.development ? UNSAFE_EVAL : [])],
        styleSrc: about.development ? ["'self'", "'unsafe-inline'"] : ["'self'", nonce],
        imgSrc: ["'self'", "data:", "blob:"],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        frameSrc: ["'none'"],
        workerSrc: ["'self'", "blob:"],
        manifestSrc: ["'self'"],
        upgradeInsecureRequests: about.https,
      },
    },
    crossOriginEmbedderPolicy: false,
    crossOriginOpenerPolicy: { policy: "same-origin" },
    crossOriginResourcePolicy: { policy: "same-origin" },
    // Stricter than this, browsers would send `Origin: null` with our own forms.
    referrerPolicy: { policy: ["same-origin"] },
    strictTransportSecurity: about.https && { maxAge: 31_536_000, includeSubDomains: false },
    xContentTypeOptions: true,
    xDnsPrefetchControl: { allow: false },
    xDownloadOptions: false,
    xFrameOptions: { action: "deny" },
    xPermittedCrossDomainPolicies: { permittedPolicies: "none" },
    xXssProtection: false,
  });
}

const UNSAFE_EVAL = ["'unsafe-eval'"] as const;
