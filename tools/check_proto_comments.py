"""Find the elements of the protos that no leading comment explains."""

from collections.abc import Iterator
from typing import NamedTuple

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    ServiceDescriptorProto,
)

PACKAGE_PREFIX = "safetycredit."


class Element(NamedTuple):
    """A named piece of a proto file, and where its descriptor stands in it.

    `path` is the way to the descriptor as `SourceCodeInfo.Location` writes it:
    field numbers of the descriptor messages and indexes, by turns.
    """

    kind: str
    name: str
    path: tuple[int, ...]


def uncommented(image: FileDescriptorSet) -> list[str]:
    """Name every element of the project's packages without a leading comment.

    Args:
        image: A descriptor set that was made with its source information.

    Returns:
        One line for each, `file:line: kind name ...`, in the order of the files.
    """
    return [
        complaint
        for file in image.file
        if f"{file.package}.".startswith(PACKAGE_PREFIX)
        for complaint in _complaints(file)
    ]


def _complaints(file: FileDescriptorProto) -> Iterator[str]:
    locations = {tuple(location.path): location for location in file.source_code_info.location}
    found = sorted((locations[element.path].span[0], element) for element in _elements(file))
    for line_index, element in found:
        if not locations[element.path].leading_comments.strip():
            line = line_index + 1
            place = f"protos/{file.name}:{line}"
            yield f"{place}: {element.kind} {element.name} has no leading comment"


def _elements(file: FileDescriptorProto) -> Iterator[Element]:
    for index, message in enumerate(file.message_type):
        path = (FileDescriptorProto.MESSAGE_TYPE_FIELD_NUMBER, index)
        yield from _message_elements(message, path)
    for index, enum in enumerate(file.enum_type):
        path = (FileDescriptorProto.ENUM_TYPE_FIELD_NUMBER, index)
        yield from _enum_elements(enum, path)
    for index, service in enumerate(file.service):
        path = (FileDescriptorProto.SERVICE_FIELD_NUMBER, index)
        yield from _service_elements(service, path)


def _message_elements(message: DescriptorProto, path: tuple[int, ...]) -> Iterator[Element]:
    yield Element("message", message.name, path)
    for index, field in enumerate(message.field):
        field_path = (*path, DescriptorProto.FIELD_FIELD_NUMBER, index)
        yield Element("field", f"{message.name}.{field.name}", field_path)
    for index, nested in enumerate(message.nested_type):
        # The compiler invents a message for each map; nobody can comment that one.
        if not nested.options.map_entry:
            nested_path = (*path, DescriptorProto.NESTED_TYPE_FIELD_NUMBER, index)
            yield from _message_elements(nested, nested_path)
    for index, enum in enumerate(message.enum_type):
        yield from _enum_elements(enum, (*path, DescriptorProto.ENUM_TYPE_FIELD_NUMBER, index))


def _enum_elements(enum: EnumDescriptorProto, path: tuple[int, ...]) -> Iterator[Element]:
    yield Element("enum", enum.name, path)
    for index, value in enumerate(enum.value):
        value_path = (*path, EnumDescriptorProto.VALUE_FIELD_NUMBER, index)
        yield Element("enum value", f"{enum.name}.{value.name}", value_path)


def _service_elements(service: ServiceDescriptorProto, path: tuple[int, ...]) -> Iterator[Element]:
    yield Element("service", service.name, path)
    for index, method in enumerate(service.method):
        method_path = (*path, ServiceDescriptorProto.METHOD_FIELD_NUMBER, index)
        yield Element("rpc", f"{service.name}.{method.name}", method_path)
