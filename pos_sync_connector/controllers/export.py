from odoo.addons.web.controllers import export


class _PlainText:
    """Whatever a system has sent as a name or a number is text in a workbook: neither a formula nor a link."""

    def write(self, row, column, cell_value, style=None):
        if isinstance(cell_value, str):
            return self.worksheet.write_string(row, column, cell_value, style)
        return super().write(row, column, cell_value, style)


class _Rows(_PlainText, export.ExportXlsxWriter):
    pass


class _Groups(_PlainText, export.GroupExportXlsxWriter):
    pass


class ExcelExport(export.ExcelExport):
    """Odoo's own workbooks. (Its CSV files have an apostrophe before what could be a formula.)"""

    def from_group_data(self, fields, columns_headers, groups):
        with _Groups(fields, columns_headers, groups.count) as writer:
            row, column = 1, 0
            for name, group in groups.children.items():
                row, column = writer.write_group(row, column, name, group)
        return writer.value

    def from_data(self, fields, columns_headers, rows):
        with _Rows(fields, columns_headers, len(rows)) as writer:
            for row, cells in enumerate(rows, 1):
                for column, value in enumerate(cells):
                    writer.write_cell(row, column, value)
        return writer.value
