// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IArbitrable, IArbitrator} from "./IErc792.sol";
import {IEscrow} from "./IEscrow.sol";

/// @title Brings an arbitrator of ERC-792 in as the arbiter of deals
/// @notice Deals name this contract as their arbiter. In a dispute, anyone may pay what the arbitrator asks for; the arbiter's
/// fee of the terms goes to whoever did. Ruling 1 gives all to the payer, 2 all to the payee; 0, a refusal, and a ruling that
/// comes too late lead to the default that the terms agree on. Give `rulingWindow` the time that the arbitrator needs.
interface IErc792Adapter is IArbitrable {
    /// @param deal zero if there is no such dispute
    /// @param requester who paid for it
    /// @param isRuled true once the arbitrator has ruled
    struct Dispute {
        bytes32 deal;
        address requester;
        bool isRuled;
        uint8 ruling;
    }

    event ArbitrationRequested(bytes32 indexed deal, uint256 indexed disputeId, address requester);
    event RulingExecuted(bytes32 indexed deal, uint256 ruling, uint128 fee);

    error NotDisputed(bytes32 deal, IEscrow.State state);
    error NotTheArbiter(bytes32 deal, address arbiter);
    error AlreadyRequested(bytes32 deal);
    error WrongCost(uint256 sent, uint256 cost);
    error NotTheArbitrator(address caller);
    error UnknownDispute(uint256 disputeId);
    error AlreadyRuled(uint256 disputeId);
    error BadRuling(uint256 ruling);
    error NotRequested(bytes32 deal);
    error NotRuled(bytes32 deal);
    error Refused(bytes32 deal);

    /// @notice Anyone, once a deal is disputed: opens a dispute at the arbitrator, for exactly what it costs.
    function requestArbitration(IEscrow.Terms calldata terms) external payable returns (uint256 disputeId);

    /// @notice Anyone, once the arbitrator has ruled: carries the ruling out.
    function execute(IEscrow.Terms calldata terms) external;

    /// @notice Pays out what `account` has earned by paying for arbitration.
    function withdraw(address account) external returns (uint256 amount);

    function escrow() external view returns (IEscrow);

    function arbitrator() external view returns (IArbitrator);

    /// @notice What the arbitrator is told with each dispute, such as its court and the number of jurors.
    function extraData() external view returns (bytes memory);

    /// @notice What the arbitrator asks for, in wei.
    function cost() external view returns (uint256);

    function disputes(uint256 disputeId) external view returns (Dispute memory);

    /// @notice The token fees that wait for `account`.
    function owed(address account) external view returns (uint256);
}
