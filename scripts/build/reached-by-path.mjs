// What a module reaches by a path of its own: `createRequire(import.meta.url)`, `new URL('x', import.meta.url)`. In the build it stands in another
// folder, so each of them is pointed anew, and one that nobody taught the build about ends it with its place. Nothing passes unseen.
import path from 'node:path';
import { imports, sourceText } from '../source-text.mjs';

/** Data that is read by path -> how it is reached from the folder of the chunks. What is in that folder is copied there. */
export const DATA = {
  'envoy/tables/generated/names.json': './names.json',
  // These two are made by package.mjs.
  'apps/weft/package.json': '../package.json',
  'dashboard/browser/': '../dashboard/',
};

/** Modules that the build has in another form. */
export const REPLACED = { 'dashboard/server/browser-files.ts': 'dashboard/server/built-files.ts' };

/** Files of third parties that mention their own folder, and why that does not matter. */
const PLACES_OF_OTHERS = {
  '@grpc/grpc-js/build/src/channelz.js': 'the folder of .proto files for a service that nobody starts',
  '@grpc/grpc-js/build/src/orca.js': 'the folder of .proto files for a service that nobody starts',
  'commander/lib/command.js': 'in comments that show how to use it',
};

const REQUIRE = /\bconst (\w+) = createRequire\(import\.meta\.url\);/g;
const PLACE = /\bimport\.meta\b|(?<![.\w$])__(?:dirname|filename)\b/g;
const MODULE = /\.(?:[mc]?[jt]s)$/;

/** The chunk of a module: its path in one word. */
export const chunkName = (file) =>
  `${file
    .replace(/.*node_modules\//, '')
    .replace(MODULE, '')
    .replaceAll(/[^\w.-]+/g, '-')
    .replace(/^-/, '')}.js`;

/** What a third party's module says of its own place, which it has not in the build. */
export function ownPlace(file, text) {
  const [, name = file] = /.*node_modules\/(.*)/.exec(file) ?? [];
  if (
    Object.hasOwn(PLACES_OF_OTHERS, name) ||
    !/(?<![.\w$])__(?:dirname|filename)\b|\bimport\.meta\b|\brequire\.resolve\b/.test(text)
  )
    return [];
  return [
    `${name}: mentions its own folder, which it has not in the build: say in scripts/build/reached-by-path.mjs why that does not matter`,
  ];
}

/**
 * @param {string} file path of the module below the root, with slashes
 * @param {string} text its source
 * @returns {{text: string, modules: {target: string, chunk: string}[], data: string[], problems: string[]}} `text` with every path
 *   pointed to what the build makes of it; `target`: as written, a package's name or a path; `data`: keys of DATA.
 */
export function pointed(file, text) {
  const source = sourceText(text);
  const modules = [];
  const data = [];
  const problems = [];
  const edits = [];
  const understood = new Set();
  const say = (index, message) => problems.push(`${file}:${text.slice(0, index).split('\n').length}: ${message}`);
  const beside = (target) => path.posix.join(path.posix.dirname(file), target);
  const inBuild = (target, index) => {
    if (!/^\.\.?\//.test(target) || MODULE.test(target)) {
      const chunk = chunkName(target.startsWith('.') ? beside(target) : target);
      modules.push({ target, chunk });
      return `./${chunk}`;
    }
    const found = DATA[beside(target)];
    if (found === undefined)
      say(index, `${target} is read by path: say in scripts/build/reached-by-path.mjs where the build has it`);
    else data.push(beside(target));
    return found ?? target;
  };
  const replace = (start, length, target) => edits.push({ start, length, target });

  for (const { index, 0: whole, 1: name } of source.code.matchAll(REQUIRE)) {
    understood.add(index + whole.indexOf('import.meta'));
    for (const use of source.code.matchAll(new RegExp(`(?<![.\\w$'])${name}\\b(?!\\s*=)(\\(?)`, 'g'))) {
      const string = source.strings.find(({ start }) => start === use.index + name.length + 1);
      if (use[1] === '' || string === undefined)
        say(use.index, `${name} is called with a literal only: the build must know what it loads`);
      else replace(string.start, string.value.length + 2, inBuild(string.value, use.index));
    }
  }
  for (const { start, value } of source.strings) {
    const before = /\bnew URL\(\s*$/.exec(source.code.slice(0, start));
    const after = /^\s*,\s*import\.meta\.url\s*,?\s*\)/.exec(source.code.slice(start + value.length + 2));
    if (before === null || after === null) continue;
    understood.add(start + value.length + 2 + after[0].indexOf('import.meta'));
    replace(start, value.length + 2, inBuild(value.startsWith('.') ? value : `./${value}`, start));
  }
  for (const { index, 0: what } of source.code.matchAll(PLACE))
    if (!understood.has(index))
      say(
        index,
        `${what}: the build has this module elsewhere and knows \`const NAME = createRequire(import.meta.url)\` and \`new URL('literal', import.meta.url)\``,
      );
  for (const { line, target } of imports(source))
    if (target === undefined) problems.push(`${file}:${line}: a computed import: the build cannot know what it loads`);

  let made = text;
  for (const { start, length, target } of edits.sort((a, b) => b.start - a.start))
    made = `${made.slice(0, start)}'${target}'${made.slice(start + length)}`;
  return { text: made, modules, data, problems };
}
