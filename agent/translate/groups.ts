/** Most groups have one item, beside which a map would be large. */
type Group<T> = { readonly name: string; members: { readonly key: string; readonly item: T } | Map<string, T> };

/** Items by the groups they belong to, such as EndpointSlices by their Service; an item may be in several groups. */
export class Groups<T> {
  readonly #groups = new Map<string, Group<T>>();
  readonly #groupsOf = new Map<string, readonly Group<T>[]>();

  /** The keys and items of a group in no particular order. */
  of(group: string): Iterable<readonly [key: string, item: T]> {
    const members = this.#groups.get(group)?.members;
    if (members === undefined) return [];
    return members instanceof Map ? members : [[members.key, members.item]];
  }

  /** The items of a group in no particular order. */
  itemsOf(group: string): readonly T[] {
    return Array.from(this.of(group), ([, item]) => item);
  }

  /** The names of the groups that the item with this key is in. */
  groupsOf(key: string): readonly string[] {
    return (this.#groupsOf.get(key) ?? []).map(({ name }) => name);
  }

  /** Puts an item into these groups, and what had its key before out of its own; without groups it is forgotten. */
  place(key: string, item: T, groups: readonly string[]): void {
    for (const group of this.#groupsOf.get(key) ?? []) if (!groups.includes(group.name)) this.#leave(key, group);
    if (groups.length === 0) this.#groupsOf.delete(key);
    else
      this.#groupsOf.set(
        key,
        groups.map((name) => this.#join(key, item, name)),
      );
  }

  remove(key: string): void {
    for (const group of this.#groupsOf.get(key) ?? []) this.#leave(key, group);
    this.#groupsOf.delete(key);
  }

  #join(key: string, item: T, name: string): Group<T> {
    const known = this.#groups.get(name);
    if (known === undefined) {
      const group = { name, members: { key, item } };
      this.#groups.set(name, group);
      return group;
    }
    const { members } = known;
    if (members instanceof Map) members.set(key, item);
    else if (members.key === key) known.members = { key, item };
    else known.members = new Map([[members.key, members.item]]).set(key, item);
    return known;
  }

  #leave(key: string, group: Group<T>): void {
    const { members } = group;
    if (members instanceof Map) {
      members.delete(key);
      if (members.size > 0) return;
    } else if (members.key !== key) return;
    this.#groups.delete(group.name);
  }
}
