/** A place for one group of measurements: its folder, its processes, and the proxies under test, all gone when it is disposed. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '@weft/testkit/folder';
import { freePort } from '@weft/testkit/ports';
import type { TestProcess } from '@weft/testkit/process';
import { benchBootstrap, type BenchBootstrap } from './bootstrap.ts';
import { type Certificates, makeCertificates } from './certificates.ts';
import { type Contender, accepting, launchEngine, startNginx } from './contenders.ts';
import { familyCpu, residentMegabytes } from './cpu.ts';

/** A proxy under test: one process, or the two of a path through a mesh. */
export interface UnderTest {
  readonly contender: Contender;
  readonly port: number;
  readonly processes: readonly TestProcess[];
}

export const cpuOf = ({ processes }: UnderTest): number =>
  processes.reduce((sum, running) => sum + familyCpu(running.pid), 0);
export const memoryOf = ({ processes }: UnderTest): number =>
  processes.reduce((sum, running) => sum + residentMegabytes(running.pid), 0);

type Wanted = Partial<Omit<BenchBootstrap, 'port' | 'adminPath' | 'accessLog'>> & {
  readonly log?: boolean;
  /** Threads that serve; 1 unless said. */
  readonly concurrency?: number;
};

export class Rig implements AsyncDisposable {
  readonly #folder = temporaryFolder('weft-bench-');
  readonly #processes: TestProcess[] = [];
  #certificates: Certificates | undefined;
  #nginx = 0;
  /** Also an interrupted benchmark leaves no process behind. */
  readonly #killAll = (): void => {
    for (const running of this.#processes) running.signal('SIGKILL');
    this.#folder[Symbol.dispose]();
  };

  constructor() {
    process.once('exit', this.#killAll);
  }

  get folder(): string {
    return this.#folder.path;
  }

  get certificates(): Certificates {
    this.#certificates ??= makeCertificates(this.folder);
    return this.#certificates;
  }

  /** Starts nginx with that `server` block for `port` on a core; resolves when it accepts. */
  async nginx(core: string, server: (port: number, home: string) => string): Promise<[TestProcess, number]> {
    const port = await freePort();
    this.#nginx += 1;
    const home = path.join(this.folder, `nginx-${this.#nginx}`);
    const running = this.keep(startNginx(home, core, server(port, home)));
    await accepting(port, running);
    return [running, port];
  }

  /** Starts an engine and waits until its listener is open. */
  async engine(contender: 'weft' | 'envoy', wanted: Wanted): Promise<UnderTest> {
    const { port, launch } = await this.prepared(contender, wanted);
    const running = launch();
    await accepting(port, running);
    return { contender, port, processes: [running] };
  }

  /** Writes an engine's bootstrap; `launch` starts the process. */
  async prepared(
    contender: 'weft' | 'envoy',
    { log = false, concurrency = 1, ...wanted }: Wanted,
  ): Promise<{ readonly port: number; launch(): TestProcess }> {
    const port = await freePort();
    const file = path.join(this.folder, `${contender}-${port}.json`);
    const accessLog = log ? path.join(this.folder, `${contender}-${port}.log`) : undefined;
    const adminPath = path.join(this.folder, `${contender}-${port}.sock`);
    writeFileSync(file, JSON.stringify(benchBootstrap({ backend: 1, ...wanted, port, adminPath, accessLog })));
    return { port, launch: () => this.keep(launchEngine(contender, file, concurrency)) };
  }

  /** Two engines, one dialling the other with mTLS, as a request travels through a mesh: HTTP/2 between them, by the name that each knows. */
  async pair(contender: 'weft' | 'envoy', backend: number): Promise<UnderTest> {
    const alpn = contender === 'weft' ? ['weft/1', 'http/1.1'] : ['h2', 'http/1.1'];
    const inbound = await this.engine(contender, { backend, listenTls: this.certificates, alpn });
    const outbound = await this.engine(contender, { backend: inbound.port, dialTls: this.certificates, alpn });
    return { contender, port: outbound.port, processes: [...outbound.processes, ...inbound.processes] };
  }

  /** Ends with the rig. */
  keep(running: TestProcess): TestProcess {
    this.#processes.push(running);
    return running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#killAll);
    await Promise.all(this.#processes.map((running) => running.stop(3000)));
    this.#folder[Symbol.dispose]();
  }
}
