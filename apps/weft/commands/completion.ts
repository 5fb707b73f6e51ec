/** `weft completion SHELL`: completion of commands and flags, made from the grammar itself. */
import type { Command } from 'commander';
import { UsageError } from '../errors.ts';

export function completion(program: Command, shell: string): number {
  const script = scripts[shell];
  if (script === undefined) throw new UsageError(`completion is there for bash, zsh and fish, not '${shell}'`);
  process.stdout.write(script(words(program)));
  return 0;
}

/** Command to its subcommands and flags; '' is `weft` itself. */
function words(program: Command): ReadonlyMap<string, readonly string[]> {
  const flags = (command: Command): string[] =>
    command.options.flatMap((option) => (option.long === undefined ? [] : [option.long]));
  const found = new Map<string, readonly string[]>([['', program.commands.map((command) => command.name())]]);
  for (const command of program.commands)
    found.set(command.name(), [
      ...command.commands.map((sub) => sub.name()),
      ...flags(command),
      ...command.commands.flatMap(flags),
    ]);
  return found;
}

const bash = (table: ReadonlyMap<string, readonly string[]>): string => `_weft() {
  local current=\${COMP_WORDS[COMP_CWORD]}
  case "\${COMP_WORDS[1]}" in
${[...table]
  .filter(([name]) => name !== '')
  .map(
    ([name, list]) =>
      `    ${name}) [ "$COMP_CWORD" -gt 1 ] && { COMPREPLY=($(compgen -W '${list.join(' ')}' -f -- "$current")); return; } ;;`,
  )
  .join('\n')}
  esac
  [ "$COMP_CWORD" -eq 1 ] && COMPREPLY=($(compgen -W '${(table.get('') ?? []).join(' ')}' -- "$current"))
}
complete -F _weft weft
`;

const fish = (table: ReadonlyMap<string, readonly string[]>): string =>
  [...table]
    .map(([name, list]) =>
      name === ''
        ? `complete -c weft -n __fish_use_subcommand -f -a '${list.join(' ')}'\n`
        : list
            .map(
              (word) =>
                `complete -c weft -n '__fish_seen_subcommand_from ${name}' ${word.startsWith('--') ? `-l ${word.slice(2)}` : `-a ${word}`}\n`,
            )
            .join(''),
    )
    .join('');

const scripts: Readonly<Record<string, (table: ReadonlyMap<string, readonly string[]>) => string>> = {
  bash,
  zsh: (table) => `autoload -U +X bashcompinit && bashcompinit\n${bash(table)}`,
  fish,
};
