import type { Group, Operation } from "./document.ts";

/** The groups with those operations alone in which every word that is searched for stands somewhere. */
export function found(groups: readonly Group[], search: string): Group[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...groups];
  const fits = (operation: Operation) => {
    const { id, method, path, tag, summary, description } = operation;
    const parameters = operation.parameters.map((parameter) => parameter.name);
    const codes = operation.answers.flatMap((answer) => answer.codes.map((code) => code.code));
    const all = [id, method, path, tag, summary, description, ...parameters, ...codes].join(" ").toLowerCase();
    return words.every((word) => all.includes(word));
  };
  return groups
    .map((group) => ({
      name: group.name,
      tags: group.tags
        .map((tag) => ({ ...tag, operations: tag.operations.filter(fits) }))
        .filter((tag) => tag.operations.length > 0),
    }))
    .filter((group) => group.tags.length > 0);
}
