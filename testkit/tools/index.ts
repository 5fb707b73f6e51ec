/** Third-party programs that judge the project: where they are, or why they are absent. `npm run tools` sets them up. */
import { accessSync, constants, existsSync, globSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

/** Places beside PATH, most wanted first. `npm run tools` fills .cache/tools/bin. */
const PLACES = [path.join(root, '.cache/tools/bin'), ...globSync('/usr/lib/postgresql/*/bin'), '/usr/sbin', '/sbin'];

const executable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** The path of the program `name`, or undefined. `WEFT_ENVOY` names Envoy before all else. */
export function tool(name: string): string | undefined {
  const wanted = name === 'envoy' ? process.env.WEFT_ENVOY : undefined;
  if (wanted !== undefined && executable(wanted)) return wanted;
  const folders = [...PLACES, ...(process.env.PATH ?? '').split(path.delimiter)];
  return folders.map((folder) => path.join(folder, name)).find(executable);
}

/** For a test's `skip`: false when all the programs are there, else the visible reason. */
export function needs(...names: readonly string[]): string | false {
  const absent = names.filter((name) => tool(name) === undefined);
  return absent.length === 0 ? false : `needs ${absent.join(', ')}: run \`npm run tools\``;
}

/** The path of a program that `needs` found. */
export function toolPath(name: string): string {
  const found = tool(name);
  if (found === undefined) throw new Error(`${name} is not installed: run \`npm run tools\``);
  return found;
}

/** The folder of test data that `npm run tools` has copied, or of Python packages (`python`); undefined when it is absent. */
export function toolData(name: string): string | undefined {
  const folder = path.join(root, '.cache/tools', name === 'python' ? name : path.join('data', name));
  return existsSync(folder) ? folder : undefined;
}

/** For a test's `skip`. */
export const needsData = (...names: readonly string[]): string | false => {
  const absent = names.filter((name) => toolData(name) === undefined);
  return absent.length === 0 ? false : `needs ${absent.join(', ')}: run \`npm run tools\``;
};
