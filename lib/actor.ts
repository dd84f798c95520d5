/**
 * Authority as a value. Commands and views take one first; code that was not authorised has nothing
 * to pass. Only app/_server (and the command line) may make one, after looking at who asks.
 */

/** From where a request came, for the audit log. */
export type Origin = { readonly ip: string | null; readonly userAgent: string | null };

export type Role = "owner" | "billing" | "member";

/** Somebody who is signed in: may see and change what is their own. */
export type SignedIn = {
  readonly kind: "user";
  readonly userId: string;
  readonly label: string;
  readonly origin: Origin;
};

/** Runs the deployment: may see and mend everything. */
export type Administrator = {
  readonly kind: "administrator";
  readonly userId: string;
  readonly label: string;
  readonly origin: Origin;
};

/** Belongs to one organization, and may see nothing of any other. */
export type Member = {
  readonly kind: "member";
  readonly userId: string;
  readonly label: string;
  readonly organizationId: string;
  readonly role: Role;
  readonly origin: Origin;
};

/** The product that embeds Billhook, by a platform API key. */
export type ApiClient = {
  readonly kind: "api_client";
  readonly keyId: string;
  readonly label: string;
  readonly origin: Origin;
};

/** Somebody at the machine itself, such as the one who makes the first administrator. */
export type Operator = {
  readonly kind: "operator";
  readonly label: string;
  readonly origin: Origin;
};

export type Actor = SignedIn | Administrator | Member | ApiClient | Operator;
