// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

/// @dev EIP-712 digest of a voucher and who signed it. By hand, since it is most of what a voucher costs.
library Vouchers {
    bytes32 private constant TYPEHASH = keccak256(
        "Voucher(address payer,address payee,uint64 epoch,uint128 cumulative)"
    );
    /// @dev Half the order of secp256k1: a signature with a larger s is the mirror image of another one.
    uint256 private constant HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;
    uint256 private constant LOW_255_BITS = (1 << 255) - 1;

    function digest(
        bytes32 domain,
        address payer,
        address payee,
        uint64 epoch,
        uint128 cumulative
    ) internal pure returns (bytes32 hash) {
        bytes32 typehash = TYPEHASH;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, typehash)
            mstore(add(free, 0x20), payer)
            mstore(add(free, 0x40), payee)
            mstore(add(free, 0x60), epoch)
            mstore(add(free, 0x80), cumulative)
            let structHash := keccak256(free, 0xa0)
            mstore(free, shl(240, 0x1901))
            mstore(add(free, 0x02), domain)
            mstore(add(free, 0x22), structHash)
            hash := keccak256(free, 0x42)
        }
    }

    /// @dev Signer of a 65-byte signature r ‖ s ‖ v; zero if it is malformed, which no signer is.
    function recover(bytes32 hash, bytes calldata signature) internal view returns (address) {
        if (signature.length != 65) return address(0);
        return recover(hash, bytes32(signature), uint256(bytes32(signature[32:])), uint8(signature[64]));
    }

    /// @dev Signer of a compact signature (EIP-2098): the parity of y is the highest bit of `vs`.
    function recover(bytes32 hash, bytes32 r, bytes32 vs) internal view returns (address) {
        return recover(hash, r, uint256(vs) & LOW_255_BITS, 27 + (uint256(vs) >> 255));
    }

    /// @dev Zero unless s is low and v is 27 or 28 (which the precompile checks).
    function recover(bytes32 hash, bytes32 r, uint256 s, uint256 v) private view returns (address signer) {
        if (s > HALF_ORDER) return address(0);
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, hash)
            mstore(add(free, 0x20), v)
            mstore(add(free, 0x40), r)
            mstore(add(free, 0x60), s)
            mstore(0, 0)
            pop(staticcall(gas(), 1, free, 0x80, 0, 0x20))
            signer := mload(0)
        }
    }
}
