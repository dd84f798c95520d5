import type { z } from "zod";
import { invalid, notModelled, type StripeError } from "./errors.ts";

type Issue = z.core.$ZodIssue;

/** Says in Stripe's words what is wrong with parameters; one fault only, and unknown ones before others. */
export function refusalOf(error: z.core.$ZodError, given: unknown): StripeError {
  const issue = firstOf(error.issues);
  return issue ? refuse(issue, issue.path, given) : invalid("Invalid request.");
}

function firstOf(issues: readonly Issue[]): Issue | undefined {
  return issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0];
}

function refuse(issue: Issue, path: readonly PropertyKey[], given: unknown): StripeError {
  const param = bracketed(path);
  const value = valueAt(given, path);
  switch (issue.code) {
    case "unrecognized_keys": {
      const unknown = bracketed([...path, issue.keys[0] ?? ""]);
      return invalid(`Received unknown parameter: ${unknown}`, {
        code: "parameter_unknown",
        param: unknown,
      });
    }
    case "invalid_union": {
      const branch = likeliest(issue.errors, value);
      const inner = firstOf(branch);
      return inner
        ? refuse(inner, [...path, ...inner.path], given)
        : invalid(`Invalid ${param}.`, { param });
    }
    case "custom":
      if (issue.message === "sandbox_not_modelled") {
        return notModelled(`the parameter ${param}`, param);
      }
      return invalid(issue.message, { param });
  }
  if (value === undefined) {
    return invalid(`Missing required param: ${param}.`, { code: "parameter_missing", param });
  }
  if (value === "") return empty(param);
  return wrong(issue, param, value);
}

function wrong(issue: Issue, param: string, value: unknown): StripeError {
  const said = typeof value === "string" ? value : JSON.stringify(value);
  switch (issue.code) {
    case "invalid_value": {
      if (issue.message.startsWith("parameter_")) return ofKind(issue.message, param, said);
      const names = issue.values.map(String).filter((name) => name !== "");
      return invalid(`Invalid ${param}: must be one of ${either(names)}`, { param });
    }
    case "invalid_type":
      if (issue.expected === "array") return invalid("Invalid array", { param });
      if (issue.expected === "string") return invalid(`Invalid string: ${said}`, { param });
      return invalid("Invalid object", { param });
    case "too_big":
      return issue.origin === "string"
        ? invalid(
            `Invalid string: ${said.slice(0, 40)}…; must be at most ${issue.maximum} characters`,
            { code: "parameter_invalid_string_too_long", param },
          )
        : invalid(`Invalid array: ${param} can have at most ${issue.maximum} items`, { param });
    default:
      return ofKind(issue.message, param, said);
  }
}

/** The kinds of values that `params.ts` names in its messages. */
function ofKind(message: string, param: string, said: string): StripeError {
  switch (message) {
    case "parameter_invalid_integer":
      return invalid(`Invalid integer: ${said}`, { code: message, param });
    case "parameter_invalid_decimal":
      return invalid(`Invalid decimal: ${said}`, { param });
    case "parameter_invalid_timestamp":
      return invalid(`Invalid timestamp: must be an integer Unix timestamp: ${said}`, { param });
    case "parameter_invalid_boolean":
      return invalid(`Invalid boolean: ${said}`, { param });
    case "invalid_currency":
      return invalid(`Invalid currency: ${said}.`, { param });
    default:
      return invalid(`Invalid ${param}: ${message}`, { param });
  }
}

function empty(param: string): StripeError {
  return invalid(
    `You passed an empty string for '${param}'. We assume empty values are an attempt to unset a ` +
      `parameter; however '${param}' cannot be unset. You should remove '${param}' from your ` +
      "request or supply a non-empty value.",
    { code: "parameter_invalid_empty", param },
  );
}

/** Of a union's branches, the one that the sender most likely meant: it got furthest. */
function likeliest(branches: readonly Issue[][], value: unknown): readonly Issue[] {
  const fits = branches.filter(([first]) => {
    if (!first) return false;
    if (first.path.length > 0 || first.code === "unrecognized_keys") return true;
    if (first.code === "invalid_type") return (first.expected === "string") === isText(value);
    return first.code !== "invalid_value" || first.values.some((name) => name !== "");
  });
  return fits.at(-1) ?? branches.at(-1) ?? [];
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

/** `items[0][price]`, as Stripe names a nested parameter. */
function bracketed(path: readonly PropertyKey[]): string {
  const [first = "", ...rest] = path.map(String);
  return first + rest.map((step) => `[${step}]`).join("");
}

function valueAt(given: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, step) => {
    if (typeof value !== "object" || value === null) return undefined;
    return Reflect.get(value, step);
  }, given);
}

function either(names: readonly string[]): string {
  if (names.length < 2) return names.join("");
  if (names.length === 2) return names.join(" or ");
  return `${names.slice(0, -1).join(", ")}, or ${names.at(-1)}`;
}
