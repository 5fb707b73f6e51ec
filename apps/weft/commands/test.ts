/** `weft test PATH...`: policy tests (`*.test.yaml`), answered by the configuration that proxies would get and the rules that they run. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import {
  differences,
  explain,
  isAnswer,
  POLICY_TEST,
  type PolicyCase,
  type PolicyTest,
  populate,
  type Question,
  type StatedRequest,
  World,
} from '@weft/compile/answers';
import { type Diagnostic, formatDiagnostic, hasErrors } from '@weft/core/kernel';
import { readDocuments, type ReadDocument } from '@weft/core/resources/text';
import { ofFiles } from '../answers/objects.ts';
import { callerName, resolved, type ServiceName, serviceName, statedRequest } from '../answers/question.ts';
import { outputFormat, toJson } from '../cli/output.ts';
import { CommandError, EXIT_OK, EXIT_REFUSED, UsageError } from '../errors.ts';
import { isTestFile } from '../files/read-files.ts';
import { unreadableReason } from '../files/unreadable.ts';

export interface TestFlags {
  readonly output?: string;
}

interface CaseResult {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  readonly failures: readonly string[];
}

/** Exit code 1 when a case fails, or a file is wrong. */
export function test(flags: TestFlags, paths: readonly string[]): number {
  const format = outputFormat(flags.output, ['table', 'json']);
  const files = paths.flatMap(testFiles);
  if (files.length === 0) throw new UsageError(`no file ends with .test.yaml in ${paths.join(', ')}`);
  const results = files.flatMap(runFile);
  const failed = results.filter(({ failures }) => failures.length > 0);
  if (format === 'json')
    process.stdout.write(toJson({ passed: results.length - failed.length, failed: failed.length, cases: results }));
  else {
    for (const { file, line, name, failures } of results) {
      process.stdout.write(`${failures.length === 0 ? 'ok  ' : 'FAIL'} ${file}:${line} ${name}\n`);
      for (const failure of failures) process.stdout.write(`       ${failure}\n`);
    }
    process.stdout.write(`test: ${results.length - failed.length} passed, ${failed.length} failed\n`);
  }
  return failed.length === 0 ? EXIT_OK : EXIT_REFUSED;
}

function testFiles(wanted: string): string[] {
  try {
    if (!statSync(wanted).isDirectory()) return [wanted];
    const names = readdirSync(wanted, { recursive: true, encoding: 'utf8' });
    return names
      .filter(isTestFile)
      .sort()
      .map((name) => path.join(wanted, name));
  } catch (error) {
    throw new CommandError(`${wanted}: ${unreadableReason(error)}`);
  }
}

function runFile(file: string): CaseResult[] {
  const documents = readDocuments(readFileSync(file, 'utf8'), file, POLICY_TEST);
  const faults: Diagnostic[] = documents.flatMap(({ diagnostics }) => [...diagnostics]);
  if (hasErrors(faults)) throw CommandError.of(faults);
  for (const fault of faults) process.stderr.write(`${formatDiagnostic(fault)}\n`);
  return documents.flatMap((document) => (document.value === undefined ? [] : runTest(file, document.value, document)));
}

function runTest(file: string, value: PolicyTest, { place }: ReadDocument<typeof POLICY_TEST>): CaseResult[] {
  const { objects } = ofFiles(value.objects.map((name) => path.resolve(path.dirname(file), name)));
  const worlds = new Map<string, World>();
  return value.cases.map((one, index): CaseResult => {
    const failures = runCase(one, value.namespace, (caller, { service, gateway }) => {
      const populated = populate(objects, {
        service: gateway ? undefined : service,
        gateway: gateway ? service : undefined,
        caller,
        running: false,
      });
      const key = populated.assumptions.join('\n');
      const world = worlds.get(key) ?? new World(populated.objects);
      worlds.set(key, world);
      return world;
    });
    return {
      file,
      line: place(['cases', index]).line,
      name: one.name,
      failures: failures.map(({ path: at, message }) => {
        const { line, column } = place(['cases', index, ...at]);
        return `${file}:${line}:${column}: ${message}`;
      }),
    };
  });
}

interface Failure {
  readonly path: readonly string[];
  readonly message: string;
}

function runCase(
  { from, to, request, expect }: PolicyCase,
  namespace: string,
  worldFor: (caller: string | undefined, service: ServiceName) => World,
): Failure[] {
  try {
    const caller = callerName(from, namespace);
    const called = serviceName(to, namespace);
    const world = worldFor(caller.kind === 'workload' ? caller.key : undefined, called);
    const headers = Object.entries(request.headers).map(([name, text]) => `${name}: ${text}`);
    const question: Question = {
      from: resolved(caller, world.objects),
      to: called.service,
      port: called.port,
      gateway: called.gateway,
      request: {
        ...statedRequest(request.method, request.path, headers),
        ...(request.claims === undefined ? {} : { claims: request.claims as NonNullable<StatedRequest['claims']> }),
      },
    };
    const answer = explain(world, question);
    if (!isAnswer(answer)) return [{ path: ['to'], message: `${answer.reason} (${answer.remedy})` }];
    return differences(answer, expect, namespace).map(({ field, message }) => ({
      path: ['expect', field],
      message: `${field}: ${message}${field === 'allowed' || field === 'verdict' ? `: ${answer.verdict.reason}` : ''}`,
    }));
  } catch (error) {
    if (error instanceof UsageError) return [{ path: [], message: error.message }];
    throw error;
  }
}
