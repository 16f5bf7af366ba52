import { grouped } from '../core/grouped.js';

const sizeUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** `1234567` → `1,234,567`. */
export function formatCount(count: number): string {
  return grouped(count);
}

/** `1 record`, `1,234 records`. */
export function formatCountOf(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** `129400000` → `129 MB`: powers of 1000, three digits. */
export function formatBytes(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 999.5 && unit < sizeUnits.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${unit === 0 ? Math.round(size) : threeDigits(size)} ${sizeUnits[unit]}`;
}

/** Milliseconds → `850 ms`, `12.3 s`, `3m 20s`, `1h 05m`, `2d 03h`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${padded(seconds % 60)}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)}h ${padded(minutes % 60)}m`;
  return `${Math.floor(minutes / 1440)}d ${padded(Math.floor(minutes / 60) % 24)}h`;
}

/** Milliseconds that are still to come, in whole seconds: `12s`, `3m 20s`. */
export function formatRemaining(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  return seconds < 60 ? `${seconds}s` : formatDuration(seconds * 1000);
}

/** A share from 0 to 1 → `42%`; 100 only when it is all. */
export function formatPercent(share: number): string {
  return `${share >= 1 ? 100 : Math.min(99, Math.floor(share * 100))}%`;
}

/** Records a second: grouped, with a decimal below ten. */
export function formatRate(perSecond: number): string {
  return `${perSecond < 10 ? perSecond.toFixed(1) : formatCount(perSecond)}/s`;
}

function threeDigits(number: number): string {
  return number >= 99.95 ? number.toFixed(0) : number >= 9.995 ? number.toFixed(1) : number.toFixed(2);
}

function padded(number: number): string {
  return number.toString().padStart(2, '0');
}
