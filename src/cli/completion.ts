import type { Command, Option } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type ShellName = (typeof SHELLS)[number];

/** What may be typed behind one verb. */
interface Node {
  /** Words from the program's name on: `dead-letters list`; empty for the program. */
  readonly path: string;
  readonly description: string;
  readonly children: readonly string[];
  readonly options: readonly Option[];
  /** Words that an argument may be. */
  readonly words: readonly string[];
}

/** The script that completes a command line in a shell, made from its verbs and options. */
export function completionScript(program: Command, shell: ShellName): string {
  const nodes = nodesOf(program, '', program.options);
  switch (shell) {
    case 'bash':
      return bashScript(nodes);
    case 'zsh':
      return `#compdef sluice\nautoload -U +X bashcompinit && bashcompinit\n${bashScript(nodes)}`;
    case 'fish':
      return fishScript(nodes);
  }
}

/** @param everywhere options that every verb has */
function nodesOf(command: Command, path: string, everywhere: readonly Option[]): Node[] {
  const children = command.commands.filter((child) => child.name() !== 'help');
  const options = path === '' ? [...everywhere] : [...command.options, ...everywhere];
  const words = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  const node = {
    path,
    description: command.description(),
    children: children.map((one) => one.name()),
    options,
    words,
  };
  return [
    node,
    ...children.flatMap((child) => nodesOf(child, path === '' ? child.name() : `${path} ${child.name()}`, everywhere)),
  ];
}

function flagsOf({ long, short }: Option): readonly string[] {
  return [long, short].filter((flag) => flag !== undefined && flag !== null);
}

function takesValue(option: Option): boolean {
  return option.required || option.optional;
}

/** Cases by verb: what follows it, and what follows those of its options that take a value. */
function bashScript(nodes: readonly Node[]): string {
  const verbs = nodes.flatMap(({ path }) => (path === '' ? [] : [`'${path}'`]));
  const wordCases = nodes.map(({ path, children, options, words }) => {
    const all = [...children, ...words, ...options.flatMap(flagsOf), '--help'];
    return `    '${path}') words='${all.join(' ')}' ;;`;
  });
  const valueCases = nodes.flatMap(({ path, options }) =>
    options
      .filter(takesValue)
      .flatMap((option) =>
        flagsOf(option).map(
          (flag) => `    '${path} ${flag}') values='${(option.argChoices ?? []).join(' ')}'; isValue=1 ;;`,
        ),
      ),
  );
  return `_sluice() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" verb='' word words='' values='' isValue=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${verb:+$verb }$word" in
    ${verbs.join('|')}) verb="\${verb:+$verb }$word" ;;
    esac
  done
  case "$verb $previous" in
${valueCases.join('\n')}
  esac
  if [ -n "$isValue" ]; then
    if [ -n "$values" ]; then COMPREPLY=($(compgen -W "$values" -- "$current")); else COMPREPLY=($(compgen -f -- "$current")); fi
    return
  fi
  case "$verb" in
${wordCases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [ "\${#COMPREPLY[@]}" -eq 0 ] && [ "\${current#-}" = "$current" ]; then COMPREPLY=($(compgen -f -- "$current")); fi
}
complete -o filenames -F _sluice sluice
`;
}

function fishScript(nodes: readonly Node[]): string {
  const text = (words: string): string => `'${words.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = nodes.flatMap(({ path, options, words }) => {
    const seen = path.split(' ').filter((word) => word !== '');
    const where = seen.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ');
    const when = seen.length > 0 ? ` -n ${text(where)}` : ' -n __fish_use_subcommand';
    const children = nodes.filter((one) => {
      const parent = one.path.split(' ').slice(0, -1).join(' ');
      return one.path !== '' && parent === path;
    });
    return [
      ...children.map(
        (one) => `complete -c sluice${when} -a ${one.path.split(' ').at(-1)} -d ${text(one.description)}`,
      ),
      ...(words.length > 0 ? [`complete -c sluice${when} -a ${text(words.join(' '))}`] : []),
      ...options.map((option) => {
        const name = option.long ? ` -l ${option.long.slice(2)}` : ` -s ${option.short!.slice(1)}`;
        const value = takesValue(option)
          ? ` -r${option.argChoices ? ` -f -a ${text(option.argChoices.join(' '))}` : ''}`
          : '';
        return `complete -c sluice${when}${name}${value} -d ${text(option.description)}`;
      }),
    ];
  });
  return `${lines.join('\n')}\n`;
}
