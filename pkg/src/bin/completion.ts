// `nango-toolkit completion`: scripts for shells. They hold the commands, their options and the slugs of the tools.
import { COMMANDS } from "./commands.js";
import { UsageError, parse, print } from "./output.js";

export const help = `Print a script that completes commands, options and tools in a shell.

It completes what follows the command \`nango-toolkit\`, which has to be on the PATH: after
\`npm install --global nango-toolkit\`.

Usage: nango-toolkit completion bash|zsh|fish

Options:
  -h, --help   this help

Exit codes: 0 success, 2 usage error (no shell, unknown shell)

Set-up, after \`npm install --global nango-toolkit\`:
  bash   echo 'source <(nango-toolkit completion bash)' >> ~/.bashrc
  zsh    echo 'source <(nango-toolkit completion zsh)' >> ~/.zshrc     # after compinit
  fish   nango-toolkit completion fish > ~/.config/fish/completions/nango-toolkit.fish`;

const SCRIPTS: Readonly<Record<string, (commands: Completed[], slugs: string[]) => string>> = { bash, zsh, fish };

/** The words that follow a command, where they are known. */
const wordsAfter = (command: string, slugs: string[]): string[] => {
  if (command === "completion") return Object.keys(SCRIPTS);
  return ["tools", "call"].includes(command) ? slugs : [];
};

/** A command with its options, as its help lists them. */
interface Completed {
  name: string;
  summary: string;
  options: Option[];
}

interface Option {
  name: string;
  takesValue: boolean;
  summary: string;
}

export async function main(args: string[], showHelp: () => void): Promise<void> {
  const { values, positionals } = parse("completion", args, {}, 1);
  if (values.help) return showHelp();
  const [shell] = positionals;
  const shells = Object.keys(SCRIPTS).join(", ");
  if (shell === undefined) throw new UsageError(`a shell is missing: expected one of ${shells}`);
  const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
  if (!script) throw new UsageError(`unknown shell \`${shell}\`: expected one of ${shells}`);
  const { listTools } = await import("../entry/node.js");
  const slugs = listTools({ toolsets: "all" }).map((tool) => tool.slug);
  print(script(await commands(), slugs));
}

async function commands(): Promise<Completed[]> {
  const read = Object.entries(COMMANDS).map(async ([name, { summary, load }]): Promise<Completed> => {
    return { name, summary, options: optionsOf((await load()).help) };
  });
  const others = [
    { name: "help", summary: "print the help", options: [] },
    { name: "version", summary: "print the version of this package", options: [] },
  ];
  return [...(await Promise.all(read)), ...others];
}

/** The options that a help text lists: `--name VALUE   what it does`. */
function optionsOf(text: string): Option[] {
  const lines = text.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)(?:\[=\S+\]| (\S+))?(?: {2,}(.*))?$/gm);
  return [...lines].map(([, name = "", value, summary = ""]) => ({ name, takesValue: value !== undefined, summary }));
}

const namesOf = (items: { name: string }[]): string => items.map(({ name }) => name).join(" ");
const valuedOf = (options: Option[]): Option[] => options.filter(({ takesValue }) => takesValue);
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Names of files complete where no other word fits, and as values of options. */
function bash(all: Completed[], slugs: string[]): string {
  const cases = all.map(({ name, options }) => {
    const valued = valuedOf(options).map((option) => option.name);
    const words = wordsAfter(name, ["$slugs"]).join(" ");
    return `    ${name}) options="${namesOf(options)}" valued=" ${valued.join(" ")} " words="${words}" ;;`;
  });
  return `# Completion of nango-toolkit in bash.
_nango_toolkit() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} options="" valued="" words="" word
  local slugs="${slugs.join(" ")}"
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${namesOf(all)} --help --version" -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
  esac
  case "$valued" in *" $previous "*) return ;; esac
  for word in "\${COMP_WORDS[@]:2:COMP_CWORD-2}"; do
    case " $slugs " in *" $word "*) words="" ;; esac
  done
  case "$current" in -*) words=$options ;; esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _nango_toolkit nango-toolkit`;
}

function zsh(all: Completed[], slugs: string[]): string {
  const described = all.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`);
  const cases = all.map(({ name, options }) => {
    const valued = namesOf(valuedOf(options));
    const words = wordsAfter(name, ["$slugs"]).join(" ");
    return `    ${name}) options=(${namesOf(options)}) valued=(${valued}) next=(${words}) ;;`;
  });
  return `#compdef nango-toolkit
# Completion of nango-toolkit in zsh.
_nango_toolkit() {
  local -a commands options valued next slugs
  commands=(
${described.join("\n")}
  )
  slugs=(${slugs.join(" ")})
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case $words[2] in
${cases.join("\n")}
  esac
  if (( $valued[(Ie)$words[CURRENT-1]] )); then
    _files
  elif [[ $words[CURRENT] == -* ]]; then
    compadd -- $options
  elif (( CURRENT == 3 && $#next )); then
    compadd -- $next
  else
    _files
  fi
}
if [[ $funcstack[1] == _nango_toolkit ]]; then
  _nango_toolkit "$@"
else
  compdef _nango_toolkit nango-toolkit
fi`;
}

function fish(all: Completed[], slugs: string[]): string {
  const complete = "complete -c nango-toolkit";
  const first = all.map(
    ({ name, summary }) => `${complete} -n __fish_use_subcommand -f -a ${name} -d ${text(summary)}`,
  );
  const options = all.flatMap(({ name, options: own }) =>
    own.map(({ name: option, takesValue, summary }) => {
      const value = takesValue ? " -r" : "";
      return `${complete} -n '__fish_seen_subcommand_from ${name}' -l ${option.slice(2)}${value} -d ${text(summary)}`;
    }),
  );
  const next = all.flatMap(({ name }) => {
    const words = wordsAfter(name, slugs).join(" ");
    return words === "" ? [] : [`${complete} -n '__fish_seen_subcommand_from ${name}' -f -a '${words}'`];
  });
  return ["# Completion of nango-toolkit in fish.", ...first, ...options, ...next].join("\n");
}

/** A string of fish, where a backslash in quotes escapes. */
const text = (value: string): string => `'${value.replace(/[\\']/g, "\\$&")}'`;
