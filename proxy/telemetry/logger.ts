/**
 * The engine's log: one JSON object a line, a level a component, changed at run time by the admin page `/logging`. Values are cut and JSON encoded,
 * so that no peer can break or flood a line; repeated warnings beyond a rate are counted instead of written. It must never be given a secret.
 */
import type { WallClock } from '@weft/core/kernel';
import { type EngineLog, LOG_COMPONENTS, type LogComponent, type LogLevel } from '../ports.ts';
import { withoutControls } from './json-text.ts';

const ORDER: readonly LogLevel[] = ['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off'];
const MAX_VALUE = 1024;
/** Lines a second and component. */
const RATE = 100;

export const isLogLevel = (text: string): text is LogLevel => ORDER.some((level) => level === text);

export class JsonLog implements EngineLog {
  /** Told of every change of a level; other threads follow. */
  levelChanged: ((level: LogLevel, component: LogComponent | undefined) => void) | undefined;
  readonly #levels = new Map<LogComponent, number>();
  readonly #wall: WallClock;
  readonly #line: (line: string) => void;
  readonly #windows = new Map<LogComponent, { second: number; lines: number; dropped: number }>();

  constructor(wall: WallClock, line: (line: string) => void, level: LogLevel = 'info') {
    this.#wall = wall;
    this.#line = line;
    this.setLevel(level);
  }

  setLevel(level: LogLevel, component?: LogComponent): void {
    for (const name of component === undefined ? LOG_COMPONENTS : [component])
      this.#levels.set(name, ORDER.indexOf(level));
    this.levelChanged?.(level, component);
  }

  level(component: LogComponent): LogLevel {
    return ORDER[this.#levels.get(component) ?? 0] ?? 'info';
  }

  enabled(component: LogComponent, level: LogLevel): boolean {
    return ORDER.indexOf(level) >= (this.#levels.get(component) ?? 0);
  }

  write(
    component: LogComponent,
    level: LogLevel,
    message: string,
    fields: Readonly<Record<string, string | number>> = {},
  ): void {
    if (!this.enabled(component, level)) return;
    const now = this.#wall.now();
    const dropped = this.#admit(component, Math.floor(now / 1000));
    if (dropped < 0) return;
    const entry: Record<string, string | number> = { time: new Date(now).toISOString(), level, component, message };
    for (const [name, value] of Object.entries(fields)) {
      entry[name] = typeof value === 'string' ? value.slice(0, MAX_VALUE) : value;
    }
    if (dropped > 0) entry['dropped'] = dropped;
    this.#line(withoutControls(JSON.stringify(entry)));
  }

  /** -1: drop this line; else how many were dropped in the last second that dropped any. */
  #admit(component: LogComponent, second: number): number {
    let window = this.#windows.get(component);
    if (window === undefined) {
      window = { second, lines: 0, dropped: 0 };
      this.#windows.set(component, window);
    }
    let dropped = 0;
    if (window.second !== second) {
      dropped = window.dropped;
      window.second = second;
      window.lines = 0;
      window.dropped = 0;
    }
    window.lines += 1;
    if (window.lines <= RATE) return dropped;
    window.dropped += 1;
    return -1;
  }
}
