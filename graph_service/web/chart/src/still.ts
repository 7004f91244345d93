// In place of d3-transition and d3-interpolate, which d3-zoom brings along to glide from view to view. The chart never
// does: nothing is ever under way that could be interrupted. It saves a sixth of the module.
import { selection } from "d3-selection";

export const interrupt = (): void => {};

export const interpolateZoom = (): never => {
  throw new Error("the chart moves without gliding");
};

Object.assign(selection.prototype, {
  interrupt(this: unknown) {
    return this;
  },
});
