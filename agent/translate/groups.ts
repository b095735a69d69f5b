/** Items by the groups they belong to, such as EndpointSlices by their Service; an item may be in several groups. */
export class Groups<T> {
  readonly #members = new Map<string, Map<string, T>>();
  readonly #groupsOf = new Map<string, readonly string[]>();

  /** The items of a group in no particular order. */
  of(group: string): ReadonlyMap<string, T> {
    return this.#members.get(group) ?? new Map<string, T>();
  }

  /** The groups of the item with this key. */
  groupsOf(key: string): readonly string[] {
    return this.#groupsOf.get(key) ?? [];
  }

  /** Puts an item into these groups, and what had its key before out of its own; without groups it is forgotten. */
  place(key: string, item: T, groups: readonly string[]): void {
    for (const group of this.groupsOf(key)) if (!groups.includes(group)) this.#leave(key, group);
    for (const group of groups) {
      const members = this.#members.get(group);
      if (members === undefined) this.#members.set(group, new Map([[key, item]]));
      else members.set(key, item);
    }
    if (groups.length > 0) this.#groupsOf.set(key, groups);
    else this.#groupsOf.delete(key);
  }

  remove(key: string): void {
    for (const group of this.groupsOf(key)) this.#leave(key, group);
    this.#groupsOf.delete(key);
  }

  #leave(key: string, group: string): void {
    const members = this.#members.get(group);
    members?.delete(key);
    if (members?.size === 0) this.#members.delete(group);
  }
}
