import { Search } from "lucide-react";
import { Button, ButtonLink } from "./button.tsx";
import { FilterForm } from "./filter-form.tsx";

type Value = string | undefined;

export type Filter =
  | {
      kind?: "select";
      name: string;
      label: string;
      /** Without the "any" choice, which is always first. */
      options: readonly { value: string; label: string }[];
      /** What the list shows where nothing is chosen, if that is not everything. */
      any?: string;
      value?: Value;
    }
  | { kind: "date"; name: string; label: string; value?: Value }
  | { kind: "text"; name: string; label: string; placeholder?: string; value?: Value };

/** Narrows a list. The address is the state, so that a filtered list can be shared and comes back. */
export function FilterBar({
  action,
  filters,
  search,
  keep = {},
}: {
  action: string;
  filters: readonly Filter[];
  search?: { name: string; label: string; placeholder?: string; value?: Value };
  /** Members of the address that are not filters and must survive. */
  keep?: Readonly<Record<string, string>>;
}) {
  const all = search ? [...filters, search] : filters;
  const set = all.filter((each) => each.value);
  const values = Object.fromEntries(set.map((each) => [each.name, each.value ?? ""]));
  const kept = new URLSearchParams(keep).toString();
  return (
    <search>
      <FilterForm action={action} values={values}>
        {Object.entries(keep).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        {search && (
          <label className="grid min-w-52 flex-[2_1_14rem] gap-1 text-xs text-muted">
            {search.label}
            <span className="relative block">
              <Search
                className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2"
                aria-hidden="true"
              />
              <input
                type="search"
                name={search.name}
                defaultValue={search.value}
                placeholder={search.placeholder}
                data-search="list"
                className="control pl-9 text-sm"
              />
            </span>
          </label>
        )}
        {filters.map((filter) => (
          <label
            key={filter.name}
            htmlFor={`filter-${filter.name}`}
            className="grid min-w-36 flex-[1_1_9rem] gap-1 text-xs text-muted sm:max-w-56"
          >
            {filter.label}
            <Control filter={filter} id={`filter-${filter.name}`} />
          </label>
        ))}
        <div className="flex gap-2">
          <Button type="submit">Filter</Button>
          {set.length > 0 && (
            <ButtonLink variant="quiet" href={kept ? `${action}?${kept}` : action}>
              Clear
            </ButtonLink>
          )}
        </div>
      </FilterForm>
    </search>
  );
}

function Control({ filter, id }: { filter: Filter; id: string }) {
  if (filter.kind === "date" || filter.kind === "text") {
    return (
      <input
        id={id}
        type={filter.kind}
        name={filter.name}
        defaultValue={filter.value}
        placeholder={filter.kind === "text" ? filter.placeholder : undefined}
        className="control text-sm"
      />
    );
  }
  return (
    <select
      id={id}
      name={filter.name}
      defaultValue={filter.value ?? ""}
      className="control text-sm"
    >
      <option value="">{filter.any ?? "Any"}</option>
      {filter.options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  );
}
