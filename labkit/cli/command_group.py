"""A command with subcommands beside its own work: ``grade FOLDER`` and ``grade doctor``."""

import click

__all__ = ["CommandGroup"]


class CommandGroup(click.Group):
    """A command that hands over when its first word is the name of one of its subcommands.

    A folder that is called like a subcommand can be given as ``./doctor``.
    """

    allow_extra_args = False
    allow_interspersed_args = True  # options may come after the arguments, as in any command

    def __init__(self, *args, **kwargs):
        super().__init__(
            *args,
            invoke_without_command=True,
            no_args_is_help=False,
            subcommand_metavar="",
            **kwargs,
        )

    def make_context(self, info_name, args, parent=None, **extra):
        if args and args[0] in self.commands:
            name = f"{info_name} {args[0]}"
            return self.commands[args[0]].make_context(name, args[1:], parent=parent, **extra)
        return super().make_context(info_name, args, parent=parent, **extra)

    def invoke(self, ctx):
        return super().invoke(ctx) if ctx.command is self else ctx.command.invoke(ctx)
