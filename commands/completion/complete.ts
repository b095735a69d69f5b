import type { Command, Option } from 'commander';

/** What a shell is told to look for by itself. */
export const fileNames = ':files';

/** What may stand in place of the last of these words, which come after `heddle`. */
export function complete(program: Command, words: readonly string[]): readonly string[] {
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const command = before.reduce(
    (within, word) => within.commands.find((one) => one.name() === word) ?? within,
    program,
  );
  const option = optionNamed(command, before.at(-1));
  if (option?.required === true)
    return option.argChoices === undefined ? [fileNames] : startingWith(current, option.argChoices);
  if (current.startsWith('-')) return startingWith(current, namesOf([...command.createHelp().visibleOptions(command)]));
  if (command !== program) {
    const choices = command.registeredArguments[argumentsBefore(command, before)]?.argChoices;
    return choices === undefined ? [fileNames] : startingWith(current, choices);
  }
  return startingWith(
    current,
    program
      .createHelp()
      .visibleCommands(program)
      .map((one) => one.name()),
  );
}

/** How many arguments of the command stand before; values of options are none. */
function argumentsBefore(command: Command, before: readonly string[]): number {
  const own = before.slice(before.indexOf(command.name()) + 1);
  return own.filter((word, at) => !word.startsWith('-') && optionNamed(command, own[at - 1])?.required !== true).length;
}

function optionNamed({ options }: Command, word: string | undefined): Option | undefined {
  return options.find(({ short, long }) => word !== undefined && (word === short || word === long));
}

function namesOf(options: readonly Option[]): readonly string[] {
  return options.flatMap(({ long }) => (long === undefined || long === null ? [] : [long]));
}

function startingWith(start: string, words: readonly string[]): readonly string[] {
  return words.filter((word) => word.startsWith(start));
}
