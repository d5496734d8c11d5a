import type { ComponentChildren } from 'preact';

/** One number, what it is, and what it means. */
export function Tile(props: {
  readonly name: string;
  readonly value: string;
  readonly unit?: string | undefined;
  /** `data-number` for whoever reads the page by program. */
  readonly id?: string;
  readonly children?: ComponentChildren;
}) {
  const { name, value, unit, id, children } = props;
  return (
    <div class="tile">
      <h3>{name}</h3>
      <p class="number" data-number={id}>
        {value}
        {unit !== undefined && <small> {unit}</small>}
      </p>
      {children !== undefined && <p class="caption">{children}</p>}
    </div>
  );
}

/** A part of a view with its heading and a sentence that says what one sees. */
export function Panel(props: {
  readonly title: string;
  readonly caption?: ComponentChildren;
  readonly children: ComponentChildren;
}) {
  return (
    <section class="panel">
      <h2>{props.title}</h2>
      {props.caption !== undefined && <p class="caption">{props.caption}</p>}
      {props.children}
    </section>
  );
}

/** In place of what is not there yet: why, and when it will be. */
export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}
