import { Argument, type Command } from 'commander';
import { complete } from './complete.ts';
import { scripts, shells } from './scripts.ts';

const examples = `
Examples:
  bash, in ~/.bashrc:                      source <(heddle completion bash)
  zsh, in ~/.zshrc, behind compinit:       source <(heddle completion zsh)
  fish, in ~/.config/fish/config.fish:     heddle completion fish | source`;

/** Adds `heddle completion`, and what its scripts ask. */
export function addCompletion(program: Command): void {
  program
    .command('completion')
    .summary('print what has a shell complete the words of this command')
    .description('Prints what has a shell complete the words of this command.')
    .addArgument(new Argument('<shell>', 'which one').choices(shells))
    .addHelpText('after', examples)
    .action((shell: keyof typeof scripts) => void process.stdout.write(scripts[shell]));
  program
    .command('complete [words...]', { hidden: true })
    .allowUnknownOption()
    .action((words: readonly string[] = []) => {
      for (const word of complete(program, words)) process.stdout.write(`${word}\n`);
    });
}
