use crate::caller::Right;

/// The API's operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Operation {
    CreateCsr,
    ListCsr,
    ShowCsr,
    ShowCsrPrivateKey,
    UpdateCsr,
    DeleteCsr,
    UploadCsr,
}

impl Operation {
    /// The name in the API's reference.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::CreateCsr => "CreateCsr",
            Self::ListCsr => "ListCsr",
            Self::ShowCsr => "ShowCsr",
            Self::ShowCsrPrivateKey => "ShowCsrPrivateKey",
            Self::UpdateCsr => "UpdateCsr",
            Self::DeleteCsr => "DeleteCsr",
            Self::UploadCsr => "UploadCsr",
        }
    }

    /// The right that a caller needs.
    pub(super) const fn right(self) -> Right {
        match self {
            Self::ListCsr | Self::ShowCsr => Right::Read,
            Self::CreateCsr | Self::UpdateCsr | Self::DeleteCsr | Self::UploadCsr => Right::Write,
            Self::ShowCsrPrivateKey => Right::ExportKey,
        }
    }
}
