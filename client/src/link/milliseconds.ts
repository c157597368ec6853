// Times as people write them: 500, "500", "30 s", "2 minutes".

const UNITS: { [letter: string]: number } = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

export function milliseconds (value: unknown, otherwise: number): number {
  if (typeof value === 'number') return isNaN(value) ? otherwise : Math.max(0, value)
  if (value === false) return 0
  const parts = /^\s*([\d.]+)\s*(ms|milli|[smhd])?/i.exec(String(value))
  if (!parts) return otherwise
  const unit = (parts[2] || 'ms').toLowerCase()
  return Number(parts[1]) * (unit === 'milli' ? 1 : UNITS[unit] || 1)
}
