import { gas, type Figure } from "../figure.ts";
import { deleverageAgainst, FEW_TOKENS, MANY_TOKENS } from "../deleverage.ts";

export async function deleveraging(): Promise<Figure[]> {
  const insured = await deleverageAgainst(10, MANY_TOKENS);
  const haircut = await deleverageAgainst(10, FEW_TOKENS);
  return [
    gas("deleverage of one, deficit paid by the fund alone, 10 opposing accounts", insured.gas),
    gas("deleverage of one, fund payment and haircut, 10 opposing accounts", haircut.gas),
  ];
}
