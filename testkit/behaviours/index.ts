/**
 * Which engine has which behaviour, read from the cases themselves: a row (e2e/behaviours.yaml) is shown by every case that names it in
 * `shows`. A row with fewer than three, or an engine without a case and without a reason, is a fault.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { readGrpcCases } from '../grpc-cases/index.ts';

export const ENGINES = ['weft', 'envoy', 'grpc'] as const;
export type ShownEngine = (typeof ENGINES)[number];

/** `said`: the case runs there and shows that what the engine lacks is said at the object, with the field. `elsewhere`: not run there. */
export type Mark = 'runs' | 'said' | 'elsewhere';

export interface ShownCase {
  /** Path below e2e/, without its ending. */
  readonly file: string;
  readonly name: string;
  readonly marks: Readonly<Record<ShownEngine, Mark>>;
}

export interface Behaviour {
  readonly id: string;
  readonly group: string;
  readonly title: string;
  readonly cases: readonly ShownCase[];
  /** Tests that are no cases of a suite. */
  readonly tests: readonly { readonly file: string; readonly title: string }[];
  /** Why an engine has no case, or what of the behaviour it does not have. */
  readonly notes: Readonly<Partial<Record<ShownEngine, string>>>;
}

interface Row {
  readonly id: string;
  readonly group: string;
  readonly title: string;
  readonly tests?: readonly { readonly file: string; readonly title: string }[];
  readonly notes?: Readonly<Partial<Record<ShownEngine, string>>>;
}

interface CaseFile {
  readonly shows?: readonly string[];
  readonly cases: readonly {
    readonly name: string;
    readonly shows?: readonly string[];
    readonly findings?: readonly string[];
  }[];
}

const LEAST = 3;

export interface Behaviours {
  readonly behaviours: readonly Behaviour[];
  readonly faults: readonly string[];
  /** Cases that name no row, a text each. */
  readonly unassigned: readonly string[];
}

/** `root` is the folder of the repository. */
export function readBehaviours(root: string): Behaviours {
  const folder = path.join(root, 'e2e');
  const rows = (parse(readFileSync(path.join(folder, 'behaviours.yaml'), 'utf8')) as { readonly rows: Row[] }).rows;
  return judgeBehaviours(rows, readCases(folder), isTestOf(root));
}

/** Of the suites that run with our engine and with Envoy, as `FILE: NAME`. */
export const readCaseNames = (root: string): ReadonlySet<string> =>
  new Set(readCases(path.join(root, 'e2e')).map(({ file, name }) => `${file}: ${name}`));

/** Whether a file below `root` has a test whose title begins so. */
export const isTestOf =
  (root: string) =>
  ({ file, title }: { readonly file: string; readonly title: string }): boolean => {
    const absolute = path.join(root, file);
    return existsSync(absolute) && readFileSync(absolute, 'utf8').includes(`test('${title}`);
  };

const readCases = (folder: string): readonly Labelled[] =>
  globSync('{mesh,egress,gateway,grpc}-cases/*.yaml', { cwd: folder })
    .sort()
    .flatMap((file) => casesOf(folder, file));

interface Labelled extends ShownCase {
  readonly shows: readonly string[];
}

function casesOf(folder: string, file: string): Labelled[] {
  const name = file.slice(0, -'.yaml'.length);
  if (file.startsWith('grpc-cases'))
    return readGrpcCases(path.join(folder, file)).map((one) => ({
      file: name,
      name: one.name,
      shows: one.shows ?? [],
      marks: {
        weft: 'runs',
        envoy: one.envoy === undefined ? 'runs' : 'said',
        grpc: one.proxyless === undefined ? 'runs' : 'said',
      },
    }));
  const { cases, shows = [] } = parse(readFileSync(path.join(folder, file), 'utf8')) as CaseFile;
  return cases.map((one) => {
    const lacking = one.findings?.some((finding) => finding.endsWith(' unsupported-by-engine')) === true;
    return {
      file: name,
      name: one.name,
      shows: one.shows ?? shows,
      marks: { weft: 'runs', envoy: lacking ? 'said' : 'runs', grpc: 'elsewhere' },
    };
  });
}

export function judgeBehaviours(
  rows: readonly Row[],
  cases: readonly Labelled[],
  isTest: (test: { readonly file: string; readonly title: string }) => boolean,
): Behaviours {
  const faults: string[] = [];
  const known = new Set(rows.map(({ id }) => id));
  const unassigned: string[] = [];
  for (const { file, name, shows } of cases) {
    if (shows.length === 0) unassigned.push(`${file}: ${name}: shows nothing`);
    for (const id of shows) if (!known.has(id)) faults.push(`${file}: ${name}: there is no row ${id}`);
  }
  const behaviours = rows.map(({ id, group, title, tests = [], notes = {} }): Behaviour => {
    const own = cases.filter(({ shows }) => shows.includes(id));
    for (const one of tests) if (!isTest(one)) faults.push(`${id}: there is no test '${one.title}' in ${one.file}`);
    if (own.length + tests.length < LEAST) faults.push(`${id}: ${own.length + tests.length} cases, ${LEAST} at least`);
    for (const engine of ENGINES)
      if (notes[engine] === undefined && !own.some(({ marks }) => marks[engine] !== 'elsewhere'))
        faults.push(`${id}: no case on ${engine}, and no reason`);
    return { id, group, title, tests, notes, cases: own };
  });
  return { behaviours, faults, unassigned };
}
