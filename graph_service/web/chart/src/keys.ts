// The keyboard: the pattern of a tree, with one tab stop. Arrows walk, Right opens, Left closes, Enter tells, Space opens
// and closes, letters jump to the next title that begins with them.
import { type Item, nameOf } from "./model.js";

const TOGETHER = 700;

export interface Walked {
  readonly current: string | null;
  readonly order: string[];
  item(id: string): Item;
  /** Whether something is open under a card, and whether something could be. */
  isOpen(id: string): boolean;
  canOpen(id: string): boolean;
  readonly layered: boolean;
  lead(id: string | null | undefined): void;
  toggle(id: string): Promise<void>;
  choose(id: string): void;
  close(): boolean;
  scale(by: number): void;
  fit(): void;
}

export class Keys {
  private typed = "";
  private typedAt = 0;

  constructor(private readonly walked: Walked) {}

  pressed(event: KeyboardEvent): void {
    const { walked } = this;
    const id = walked.current;
    if (id === null || event.altKey || event.ctrlKey || event.metaKey) return;
    if (this.act(event.key, id) || this.letter(event, id)) event.preventDefault();
  }

  private act(key: string, id: string): boolean {
    const { walked } = this;
    const { order } = walked;
    const at = order.indexOf(id);
    const item = walked.item(id);
    const turn = () => void walked.toggle(id).then(() => walked.lead(id));
    switch (key) {
      case "ArrowDown": walked.lead(order[at + 1]); break;
      case "ArrowUp": walked.lead(order[at - 1]); break;
      case "ArrowRight":
        if (walked.layered) walked.lead(item.children[0]);
        else if (walked.isOpen(id)) walked.lead(order[at + 1]);
        else if (walked.canOpen(id)) turn();
        break;
      case "ArrowLeft":
        if (walked.isOpen(id)) turn();
        else walked.lead(item.parent);
        break;
      case "Home": walked.lead(order[0]); break;
      case "End": walked.lead(order.at(-1)); break;
      case "Enter": walked.choose(id); walked.lead(id); break;
      case " ": if (walked.canOpen(id)) turn(); break;
      case "Escape": return walked.close();
      case "+": walked.scale(1.3); break;
      case "-": walked.scale(1 / 1.3); break;
      case "0": walked.fit(); break;
      default: return false;
    }
    return true;
  }

  private letter(event: KeyboardEvent, id: string): boolean {
    if (event.key.length !== 1) return false;
    const { walked } = this;
    const { order } = walked;
    this.typed = event.timeStamp - this.typedAt > TOGETHER ? event.key : this.typed + event.key;
    this.typedAt = event.timeStamp;
    const wanted = this.typed.toLocaleLowerCase();
    const from = order.indexOf(id) + (this.typed.length > 1 ? 0 : 1);
    const round = [...order.slice(from), ...order.slice(0, from)];
    walked.lead(round.find((one) => nameOf(walked.item(one)).toLocaleLowerCase().startsWith(wanted)));
    return true;
  }
}
