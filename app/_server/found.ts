import { notFound } from "next/navigation";
import { AppError } from "#lib/errors.ts";

/** For pages: what a view does not find is the "not found" page, and not a crash. */
export async function found<Value>(view: Promise<Value>): Promise<Value> {
  try {
    return await view;
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found") notFound();
    throw error;
  }
}
