/** A calibration for programs. Rates are parts of notional, probabilities parts of one, money tokens, moves logarithms. */
import { perYear, type Calibration } from "./calibration.ts";
import { gapOf, GRID, type Needed } from "./judge.ts";

export function toJson(calibration: Calibration): string {
  const { options, crashes, rate, level, judge, judged, proposed, fund, cap } = calibration;
  const value = {
    market: options.market,
    files: calibration.files,
    assumed: {
      latencySeconds: options.latencySeconds,
      population: options.population,
      crashesPerYear: rate?.perYear ?? null,
      draws: options.draws,
      seed: options.seed.toString(),
    },
    level: { perCrash: level, perYear: rate === undefined ? null : perYear(level, rate), move: calibration.move },
    tail: judge.tail ?? null,
    crashes: crashes.map(({ day, severity, fall, rise, candleSeconds }) => ({
      ...{ day, severity, fall, rise, candleSeconds },
    })),
    judged: judged.map((one) => ({
      name: one.name,
      maintenanceMargin: one.margins.maintenance,
      fund: one.fund,
      openInterest: one.cap,
      fundPerOpenInterest: one.gap,
      haircutPerCrash: one.crash,
      haircutPerYear: one.year ?? null,
      keepsLevel: one.crash.value <= level,
      deficitsPerOpenInterest: one.deficits,
      deficitsAtWorst: one.deficitsAtWorst,
      neededMaintenanceMargin: asRates(one.neededMaintenance),
      neededFundPerOpenInterest: asRates(one.neededFund),
    })),
    proposed:
      proposed.value === undefined
        ? null
        : {
            maintenanceMargin: asRates(proposed),
            initialMargin: judge.margins(proposed.value / GRID).initial,
            initialMarginAtCap: judge.margins(proposed.value / GRID).initialAtCap,
            gap: gapOf(proposed.value / GRID),
            openInterestForFund: { fund, openInterest: fund / gapOf(proposed.value / GRID) },
            fundForOpenInterest:
              cap === undefined ? null : { openInterest: cap, fund: cap * gapOf(proposed.value / GRID) },
          },
    frontier: calibration.frontier.map(({ margins, needed }) => ({
      maintenanceMargin: margins.maintenance,
      fundPerOpenInterest: asRates(needed),
    })),
    levels: calibration.levels.map(({ perYear, perCrash, needed }) => ({
      ...{ perYear: perYear ?? null, perCrash },
      maintenanceMargin: asRates(needed),
    })),
    sensitivity: calibration.sensitivity.map(({ what, haircut, proposed }) => ({
      ...{ what, haircutPerCrash: haircut ?? null },
      maintenanceMargin: asRate(proposed),
    })),
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}

function asRates({ value, low, high }: Needed) {
  return { value: asRate(value), low: asRate(low), high: asRate(high) };
}

function asRate(thousandths: number | undefined): number | null {
  return thousandths === undefined ? null : thousandths / GRID;
}
